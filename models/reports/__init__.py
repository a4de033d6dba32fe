"""Reports of a drug: what is known, as values; and how it is drawn, written and printed.

`report_maker.ReportMaker` gathers a `content.DrugReport`; `page.report_page` writes it as one file
of HTML; `pdf.html_to_pdf` prints that. A service shows the same content in its own frame.
"""

"""Reading what a report says, apart from how it looks."""

import re


def sections_of(page):
    """Paragraphs, terms and list items that stand in the body of a printed report."""
    body = page.partition("<main>")[2].partition('<section id="tables"')[0]
    return re.findall(r"<(?:p|dd|li)>([^<]{20,})</", body)

"""Reports of drugs over HTTP: as data, as files to print, and as a page with plots."""

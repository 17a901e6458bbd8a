"""Table reports: each function takes figures and returns the document, for a page, a PDF and a workbook."""

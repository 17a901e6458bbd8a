"""Tables that people import (the licence register, cases, history): CSV and workbooks, headings and cells."""

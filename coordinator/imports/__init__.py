"""Files and pasted text from people: HTML, documents, feeds read once, pictures, PDF files, sheets.

Belongs here: turning bytes or foreign HTML into clean frozen values, with every problem named. Does not: requests over
the network (``http``), rows in the database, and rules about who may import what.
"""

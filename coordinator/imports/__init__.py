"""What comes in from people's files and editors: pasted HTML, documents, feeds read once, sheets.

Belongs here: turning bytes or foreign HTML into clean frozen values, with every problem named. Does not: fetching over
the network (``discovery``, through the one door), rows in the database, and rules about who may import what.
"""

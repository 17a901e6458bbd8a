"""What is held about a person: where it stands, its export, and its erasure as far as the law allows.

Tables are named and not imported, since most of them belong to features above this one; a test holds the names equal to
the tables, and finds every column of a person that is missing here.
"""

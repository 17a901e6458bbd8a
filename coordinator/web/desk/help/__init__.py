"""What each page of the desk is for, in two to four sentences, by the name of its template.

Here belong the words alone, one module a part of the river; how they are shown does not.
"""

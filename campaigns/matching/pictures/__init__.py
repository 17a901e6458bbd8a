"""Pictures compared with pictures, as numbers: hashes that survive scaling, crops and captions, and the search for the
nearest. No file is read here.
"""

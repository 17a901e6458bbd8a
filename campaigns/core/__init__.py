"""What every other room stands on: rows, moments, errors, the journal, the ledger of due work, Vietnamese text.

Belongs here: things with no opinion about bulletins or partners. Does not: any rule of publishing or counting.
"""

"""Pure text matching: folding, fingerprints and their index, candidates, cover and classes."""

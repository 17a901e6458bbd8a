"""Work on the register and on agreements."""

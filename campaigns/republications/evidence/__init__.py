"""Evidence of what was on a page: location of the text, judgement, verification, rejudgement and uploaded files."""

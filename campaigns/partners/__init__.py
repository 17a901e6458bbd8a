"""Companies, their sites, licences and agreements, the licence register, and the editors of a partner."""

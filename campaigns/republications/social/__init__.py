"""Posts on social networks: many addresses pasted by a person, with pictures, and a second person who confirms."""

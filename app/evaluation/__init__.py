"""How often answers are right: a data set asked, judged and reported."""

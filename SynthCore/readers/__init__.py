"""Reader studies: can people tell synthetic images from real ones, and by what?

A study is a folder: what a reader sees (`study`), the truth apart from it (`key`), and each
reader's answers. `design` orders the images, `pictures` makes them alike in all but content,
`server` and `page` show them, `results` and `report` judge the answers.
"""

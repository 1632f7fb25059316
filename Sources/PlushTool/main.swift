print("plush")

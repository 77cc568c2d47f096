page = fetch("a")
# %%
"next"

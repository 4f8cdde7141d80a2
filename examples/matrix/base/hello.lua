print(_VERSION .. " says " .. os.getenv("GREETING"))

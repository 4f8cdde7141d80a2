import sys

print(f"Python {sys.version_info.major} says hello to", *(sys.argv[1:] or ["you"]))

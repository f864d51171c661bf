def greet(name: str) -> str:
    return f"Hello, {name}"


def part(name: str) -> str:
    return f"Goodbye, {name}"

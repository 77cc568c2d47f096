# What a checker is too strict for is advice.
import re

found = re.search("a", "b").group()  # warning: unresolved-attribute
count: int = "five"  # warning: invalid-assignment


def add(a: int, b: int) -> int:
    return str(a + b)  # warning: invalid-return-type


add("1", 2)  # warning: invalid-argument-type
user = find_user("Ann")
print(user.email + "!")  # warning: unsupported-operator
mail.send(user.email, "Hello")  # warning: invalid-argument-type
tags([tag for tag in [None, "a"]])  # warning: invalid-argument-type
tags(("a", "b"))  # warning: invalid-argument-type


def later(x: Unknown):  # annotations are not evaluated
    return x

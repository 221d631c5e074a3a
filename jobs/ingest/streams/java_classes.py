"""Call Java classes that only the job's own jars hold, which Py4J cannot import, and read Java's errors."""

from typing import Any


def java_class(name: str) -> Any:
    """Return the class of this name; None if no jar of the job holds it."""
    from py4j.protocol import Py4JJavaError
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        return jvm.java.lang.Class.forName(name, True, loader)
    except Py4JJavaError:
        return None


def call_static(java_class: Any, method: str, argument: Any) -> Any:
    """Call a class's static method with one argument."""
    from pyflink.java_gateway import get_gateway

    gateway = get_gateway()
    types = gateway.new_array(gateway.jvm.java.lang.Class, 1)
    types[0] = argument.getClass()
    arguments = gateway.new_array(gateway.jvm.java.lang.Object, 1)
    arguments[0] = argument
    return java_class.getMethod(method, types).invoke(None, arguments)


def java_causes(error: Any) -> list[tuple[str, str]]:
    """Return the class and message of a Java error and of its causes, the root cause last."""
    causes = []
    while error is not None:
        causes.append((str(error.getClass().getSimpleName()), str(error.getMessage())))
        error = error.getCause()
    return causes

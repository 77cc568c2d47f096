def print_() -> Any:
    """Its original name is 'print'."""

def json_() -> Any:
    """Its original name is 'json'."""

def search_tools_() -> Any:
    """Its original name is 'search_tools'."""

def git() -> Any: ...

def my_files_53c8() -> Any:
    """Its original name is 'my-files'."""

def result_1_() -> Any:
    """Its original name is 'result_1'."""

def _2fa() -> Any:
    """Its original name is '2fa'."""

def gr__e() -> Any:
    """Its original name is 'größe'."""

def _() -> Any:
    """Its original name is ''."""

def aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa() -> Any:
    """Its original name is 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'."""

class git_:
    def print() -> Any: ...

class time_:
    def import_() -> Any:
        """Its original name is 'import'."""

class my_files:
    def read() -> Any: ...

class s:
    def read_file_4641(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is 'read-file'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def read_file_9909(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is 'read.file'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def read_file_d140(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is 'read file'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def read_file(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def _2fa(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is '2fa'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def class_(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is 'class'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def list(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def gr__e(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is 'größe'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def _(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is ''.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def __debug___(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is '__debug__'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def ok_Name2(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

    def __4f75(from_: Any, x_y_826d: Any, x_y: Any, _: Any, id: Any, x_y_8248: Any) -> Any:
        """Its original name is '😀'.

        Args:
            from_: (originally 'from')
            x_y_826d: (originally 'x-y')
            _: (originally '')
            id: Its number
            x_y_8248: Two
                lines (originally 'x y')
        """

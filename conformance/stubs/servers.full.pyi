class User(TypedDict):
    login: str

Reactions = TypedDict('Reactions', {
    '+1': NotRequired[int],
    '-1': NotRequired[int],
})

class Issue_2(TypedDict):
    number: int  # As in the URL
    title: str
    user: User
    state: NotRequired[Literal['open']]
    assignee: NotRequired[User | None]
    reactions: NotRequired[Reactions]

class SearchIssuesResult(TypedDict):
    total_count: int
    items: list[Issue_2]

class Issue(TypedDict):
    number: int
    title: str
    body: NotRequired[str]
    labels: NotRequired[list[str]]

class ReadTextFileResult(TypedDict):
    content: str

class EditsItem(TypedDict):
    oldText: str  # Must be there exactly
    newText: str

class Entry(TypedDict):
    name: str
    type: Literal['file', 'directory']
    children: NotRequired[list[Entry]]

class DirectoryTreeResult(TypedDict):
    entries: list[Entry]

class github:  # Issues and files on GitHub
    def search_issues(q: str, *, sort: Literal['created', 'updated', 'comments'] | None = None, from_: str | None = None, per_page: int = 30) -> SearchIssuesResult:
        """Finds issues in all repositories.

        Its original name is 'search-issues'.

        Args:
            q: GitHub's search syntax
            from_: The first day (originally 'from')
            per_page: (originally 'per-page')
        """

    def get_issue(owner: str, repo: str, number: int) -> Issue:
        """One issue.

        Its original name is 'get-issue'.
        """

    def create_issue(owner: str, repo: str, title: str, *, labels: list[str] | None = None, metadata: dict[str, str | float] | None = None, position: tuple[int, int] | None = None) -> Any:
        """Opens an issue.

        Its original name is 'create-issue'.
        """

    def get_file(path: str) -> Any:
        """A file of a repository."""

class git:
    def git_status(repo_path: str) -> Any:
        """Shows the working tree status"""

    def git_log(repo_path: str, *, max_count: int = 10, start_timestamp: str | None = None) -> Any:
        """Shows the commit logs

        Args:
            start_timestamp: Only commits after it: ISO 8601, or relative such as '1 week ago'
        """

    def git_branch(repo_path: str, branch_type: Literal['local', 'remote', 'all'], *, contains: str | None = ...) -> Any:
        """Lists branches

        Args:
            contains: A commit that they contain
        """

class files:  # The user's files
    def read_text_file(path: str, *, head: float | None = None, tail: float | None = None) -> ReadTextFileResult:
        """Reads a file as text.

        Use head or tail for long files.

        Args:
            head: Only the first lines
            tail: Only the last lines
        """

    def edit_file(path: str, edits: list[EditsItem], *, dryRun: bool = False) -> Any:
        """Replaces text in a file.

        Args:
            dryRun: Shows the changes and makes none
        """

    def directory_tree(path: str, *, excludePatterns: list[str] = []) -> DirectoryTreeResult:
        """All files below a directory."""

    def move_file(source: str, destination: str) -> Any:
        """Moves or renames a file."""

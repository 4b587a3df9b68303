namespace ServerlessImages.Tests.Docs;

/// <summary>The documents of the repository that the tests stand in.</summary>
internal static class DocFile
{
    /// <summary>The folder of the solution file, upwards from the test's assembly.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The cells of every table row below the heading, up to the next heading, without the table's head. Backticks are kept.</summary>
    public static IReadOnlyList<string[]> TableBelow(string path, string heading) =>
    [
        .. File.ReadLines(Path.Combine(Root, path))
            .SkipWhile(line => line != heading)
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(Cells),
    ];

    /// <summary>A word between backticks, or the cell as it is.</summary>
    public static string Bare(string cell) => cell.Trim('`');

    private static string[] Cells(string row) => [.. row.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim())];

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "ServerlessImages.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not stand in the repository."));
}

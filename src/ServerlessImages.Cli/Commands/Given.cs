using System.CommandLine;

namespace ServerlessImages.Cli.Commands;

/// <summary>The arguments and options that several commands have, each in the same words.</summary>
internal static class Given
{
    public static Argument<string> Account() => new("account") { Description = "The account's id: acct_…" };

    public static Option<string> Reason() => new("--reason") { Description = "Why, for the log of what operators did.", Required = true };

    public static Option<int> Limit() => new("--limit") { Description = "How many to show at most.", DefaultValueFactory = _ => 100 };

    /// <summary>Made up where it is not given, so that a lost answer is asked for again and not done again.</summary>
    public static Option<string?> IdempotencyKey() => new("--idempotency-key") { Description = "Under which it is done once, however often it is sent. Made up if it is not given." };

    public static Option<string?> Day(string name, string description) => new(name) { Description = description + " A day in UTC, such as 2026-11-23." };

    public static string Path(string text) => Uri.EscapeDataString(text);

    public static string NewKey() => "cli-" + Guid.NewGuid().ToString("N");

    /// <summary>The parts that have a value, as a query.</summary>
    public static string Query(params (string Name, string? Value)[] parts)
    {
        var given = parts.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToArray();
        return given.Length == 0 ? "" : "?" + string.Join('&', given);
    }
}

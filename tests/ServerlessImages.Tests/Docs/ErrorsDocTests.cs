using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ServerlessImages.Api.Http;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/errors.md</c> and the code say the same.</summary>
public sealed partial class ErrorsDocTests
{
    [Fact]
    public void Every_code_is_documented_with_its_status_type_and_retry_and_no_other_is()
    {
        var inCode = Errors().Select(RowOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var inDocs = Row().Matches(DocFile.Read("docs/errors.md"))
            .Select(row => $"{row.Groups["code"].Value} {row.Groups["status"].Value} {row.Groups["type"].Value} {row.Groups["retry"].Value}")
            .Order(StringComparer.Ordinal);

        Assert.Equal(inCode, inDocs);
    }

    [Fact]
    public void Every_fixed_wait_is_documented_and_no_other_is()
    {
        var inCode = Errors()
            .Where(error => error.RetryAfter is not null && error.Code is not ("rate_limit_exceeded" or "content_cool_down"))
            .Select(error => string.Create(CultureInfo.InvariantCulture, $"{error.Code} {error.RetryAfter!.Value.TotalSeconds}"));
        var inDocs = FixedWait().Matches(DocFile.Read("docs/errors.md")).Select(wait => $"{wait.Groups["code"].Value} {wait.Groups["seconds"].Value}");

        Assert.Equal(inCode.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_heading_of_a_code_has_its_row_below_it()
    {
        var text = DocFile.Read("docs/errors.md");

        Assert.Equal(Regex.Count(text, "^### ", RegexOptions.Multiline, TimeSpan.FromSeconds(1)), Row().Count(text));
    }

    [Fact]
    public void Every_kind_has_a_status_and_a_type_that_the_page_lists()
    {
        var inDocs = DocFile.TableBelow("docs/errors.md", "# Errors")
            .Where(cells => cells.Length == 3 && DocFile.Bare(cells[2]).EndsWith("_error", StringComparison.Ordinal) | DocFile.Bare(cells[2]) == "insufficient_quota")
            .SelectMany(cells => cells[1].Split(", ").Select(status => (int.Parse(status, CultureInfo.InvariantCulture), DocFile.Bare(cells[2]))));

        Assert.Equal(Enum.GetValues<ApiErrorKind>().Select(ErrorWriter.Wire).Distinct().Order(), inDocs.Order());
    }

    [Fact]
    public void The_page_that_the_app_serves_is_the_file()
    {
        using var stream = typeof(ErrorWriter).Assembly.GetManifestResourceStream("errors.md")!;
        using var reader = new StreamReader(stream);

        Assert.Equal(DocFile.Read("docs/errors.md"), reader.ReadToEnd());
    }

    private static string RowOf(ApiError error)
    {
        var (status, type) = ErrorWriter.Wire(error.Kind);
        return string.Create(CultureInfo.InvariantCulture, $"{error.Code} {status} {type} {(error.Retryable ? "yes" : "no")}");
    }

    /// <summary>One of each: the static properties, and the static methods with some arguments.</summary>
    internal static IEnumerable<ApiError> Errors()
    {
        const BindingFlags Static = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var properties = typeof(ApiError).GetProperties(Static).Where(property => property.PropertyType == typeof(ApiError)).Select(property => property.GetValue(null));
        var methods = typeof(ApiError).GetMethods(Static)
            .Where(method => method.ReturnType == typeof(ApiError) && !method.IsSpecialName)
            .Select(method => method.Invoke(null, [.. method.GetParameters().Select(parameter => Argument(parameter.ParameterType))]));
        return properties.Concat(methods).Cast<ApiError>();
    }

    private static object? Argument(Type type) => type switch
    {
        _ when type == typeof(string) => "word",
        _ when type == typeof(int) => 1,
        _ when type == typeof(long) => 1L,
        _ when type == typeof(Money) => new Money(1),
        _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(1),
        _ when type == typeof(DateOnly) => new DateOnly(2026, 11, 23),
        _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
        _ when type == typeof(TimeSpan?) || type == typeof(DateTimeOffset?) || type == typeof(BudgetOwner?) => null,
        _ when type == typeof(StopReasons) => StopReasons.InvoiceUnpaid,
        _ when type == typeof(ModerationDetails) => new ModerationDetails("input", []),
        _ => throw new NotSupportedException($"An error takes a {type}: give this test a sample of it."),
    };

    [GeneratedRegex(@"^### (?<code>\w+)\n\n`(?<status>\d{3})` · `(?<type>\w+)` · retry: (?<retry>yes|no)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Row();

    [GeneratedRegex(@"^### (?<code>\w+)\n\n.*`Retry-After` (?<seconds>\d+) s", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FixedWait();
}

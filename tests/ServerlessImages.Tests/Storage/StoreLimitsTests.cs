using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class StoreLimitsTests
{
    private readonly StoreLimits store = new(new InMemoryTableStore());

    [Fact]
    public async Task A_transaction_at_the_limits_is_passed_on()
    {
        var widest = new Columns();
        for (var number = 0; number < StoreLimits.ColumnsMax; number++) widest.Add($"Column{number}", 1);
        var rows = Enumerable.Range(2, StoreLimits.WritesMax - 2).Select(number => RowWrite.Insert($"L|{number}", []));
        var longest = new Columns { { "Text", new string('x', StoreLimits.TextBytesMax / 2) } };

        var result = await CommitAsync([RowWrite.Insert(new string('k', StoreLimits.KeyCharactersMax), widest), RowWrite.Insert("L|1", longest), .. rows]);

        Assert.True(result.Applied);
    }

    [Fact]
    public async Task No_write_is_refused() => await AssertRefusedAsync("1 to 100 rows");

    [Fact]
    public async Task The_101st_write_is_refused() =>
        await AssertRefusedAsync("1 to 100 rows", [.. Enumerable.Range(0, 101).Select(number => RowWrite.Upsert($"L|{number}", []))]);

    [Fact]
    public async Task The_same_row_twice_is_refused() => await AssertRefusedAsync("twice", RowWrite.Upsert("B", []), RowWrite.Upsert("B", []));

    [Fact]
    public async Task The_253rd_column_is_refused()
    {
        var columns = new Columns();
        for (var number = 0; number <= StoreLimits.ColumnsMax; number++) columns.Add(string.Create(CultureInfo.InvariantCulture, $"Column{number}"), 1);

        await AssertRefusedAsync("252 columns", RowWrite.Upsert("B", columns));
    }

    [Fact]
    public async Task A_string_beyond_64_kibibytes_is_refused() =>
        await AssertRefusedAsync("64 KiB", RowWrite.Upsert("B", new() { { "Text", new string('x', (StoreLimits.TextBytesMax / 2) + 1) } }));

    [Fact]
    public async Task A_transaction_of_4_mebibytes_is_refused() =>
        await AssertRefusedAsync("4 MiB", [.. Enumerable.Range(0, 64).Select(number => RowWrite.Upsert($"L|{number}", new() { { "Text", new string('x', StoreLimits.TextBytesMax / 2) } }))]);

    [Theory]
    [InlineData(""), InlineData("*")]
    public async Task A_replace_or_delete_without_a_version_is_refused(string etag)
    {
        await AssertRefusedAsync("without the version", RowWrite.Replace("B", [], etag));
        await AssertRefusedAsync("without the version", RowWrite.Delete("B", etag));
    }

    [Theory]
    [InlineData(""), InlineData("a/b"), InlineData("a\\b"), InlineData("a#b"), InlineData("a?b"), InlineData("a%b"), InlineData("a+b"), InlineData("a'b"), InlineData("a\tb"), InlineData("a\u0085b")]
    public async Task A_key_that_azure_refuses_or_mangles_is_refused(string key)
    {
        await AssertRefusedAsync("key", RowWrite.Upsert(key, []));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.CommitAsync("ledger", key, [RowWrite.Upsert("B", [])], Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.FindAsync("ledger", "p", key, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.FindAsync("ledger", key, "B", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.RangeAsync("ledger", key, "A", "B", 1, Cancel));
    }

    [Fact]
    public async Task A_key_beyond_512_characters_is_refused() => await AssertRefusedAsync("512", RowWrite.Upsert(new string('k', 513), []));

    [Fact]
    public async Task A_range_without_a_limit_is_refused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.RangeAsync("ledger", "p", "A", "B", 0, Cancel));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<CommitResult> CommitAsync(params RowWrite[] writes) => store.CommitAsync("ledger", "p", writes, Cancel);

    private async Task AssertRefusedAsync(string because, params RowWrite[] writes)
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await CommitAsync(writes));

        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        Assert.Empty(await store.RangeAsync("ledger", "p", "!", "~", 10, Cancel));
    }
}

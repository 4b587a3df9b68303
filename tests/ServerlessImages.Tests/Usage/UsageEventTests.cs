using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Usage;

/// <summary>The ledger page by page: in an order that stands, and proved.</summary>
public sealed class UsageEventTests
{
    private readonly UsageFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_gets_every_entry_once_while_new_ones_come()
    {
        await fixture.MixAsync(21, 30);
        var seen = new List<long>();
        UsageEventPage page;
        do
        {
            page = await PageAsync(seen.LastOrDefault(), 7);
            seen.AddRange(page.Entries.Select(each => each.Entry.Sequence));
            if (page.HasMore && seen.Count < 40) await fixture.ChargeAsync(5);
        }
        while (page.HasMore);

        Assert.Equal((await fixture.EntriesAsync()).Select(entry => entry.Sequence), seen);
    }

    [Fact]
    public async Task A_page_stays_what_it_was()
    {
        await fixture.MixAsync(22, 20);
        var before = await PageAsync(5, 10);
        await fixture.MixAsync(23, 20);
        var after = await PageAsync(5, 10);

        Assert.Equal(before.Entries, after.Entries);
        Assert.Equal((before.HeadBefore, before.HeadAfter, before.Checksum), (after.HeadBefore, after.HeadAfter, after.Checksum));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 1)]
    [InlineData(6, 100)]
    public async Task Its_heads_and_checksum_can_be_recomputed_from_the_rows(long after, int limit)
    {
        await fixture.MixAsync(24, 20);
        var page = await PageAsync(after, limit);

        var rows = (await fixture.Books.RowsAsync("L")).Concat(await fixture.Books.RowsAsync("G")).OrderBy(row => row.Columns.Integer("Sequence")).ToArray();
        var heads = new List<string> { EntryChain.Start };
        foreach (var row in rows) heads.Add(EntryChain.Next(heads[^1], row.Key, row.Columns));
        var last = Math.Min((int)after + limit, rows.Length);
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(heads[((int)after + 1)..(last + 1)]))));

        Assert.Equal((heads[(int)after], heads[last], checksum), (page.HeadBefore, page.HeadAfter, page.Checksum));
        Assert.Equal(last < rows.Length, page.HasMore);
    }

    [Fact]
    public async Task Beyond_the_last_entry_is_an_empty_page_and_then_nothing()
    {
        await fixture.MixAsync(25, 5);
        var balance = await fixture.Books.BalanceAsync();

        var page = await PageAsync(balance.Sequence, 10);
        var beyond = await ReadAsync(balance.Sequence + 1, 10);

        Assert.Equal((0, balance.Head, balance.Head, false), (page.Entries.Count, page.HeadBefore, page.HeadAfter, page.HasMore));
        Assert.Equal("invalid_value", beyond.Error().Code);
    }

    [Fact]
    public async Task An_account_without_entries_has_an_empty_page()
    {
        var page = await PageAsync(0, 10);

        Assert.Equal((0, EntryChain.Start, EntryChain.Start, false), (page.Entries.Count, page.HeadBefore, page.HeadAfter, page.HasMore));
    }

    [Theory]
    [InlineData(1, "Amount")]
    [InlineData(8, "Images")]
    [InlineData(9, "EndUser")]
    public async Task A_changed_entry_is_not_given_away(int sequence, string column)
    {
        await fixture.Books.GrantAsync(1_000);
        for (var each = 0; each < 8; each++) await fixture.ChargeAsync(10);
        await ChangeAsync(sequence, column);

        // On its own page, and as the neighbour of one.
        var own = (await ReadAsync(sequence - 1, 1)).Error();
        var next = await ReadAsync(sequence, 1);

        Assert.Equal(("ledger_chain_broken", ApiErrorKind.Server), (own.Code, own.Kind));
        Assert.Equal("ledger_chain_broken", next.Error().Code);
    }

    [Fact]
    public async Task A_missing_entry_is_not_passed_over()
    {
        await fixture.MixAsync(26, 10);
        var row = (await fixture.Books.RowsAsync("L")).Single(each => each.Columns.Integer("Sequence") == 5);
        await fixture.Books.Store.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Delete(row.Key, row.ETag)], Cancel);

        Assert.Equal("ledger_chain_broken", (await ReadAsync(0, 20)).Error().Code);
    }

    private async Task ChangeAsync(int sequence, string column)
    {
        var row = (await fixture.Books.RowsAsync("L")).Concat(await fixture.Books.RowsAsync("G")).Single(each => each.Columns.Integer("Sequence") == sequence);
        var changed = new Columns();
        foreach (var (name, value) in row.Columns)
        {
            if (value is long number) changed.Add(name, name == column ? number + 1 : number);
            else changed.Add(name, name == column ? value + "x" : (string)value);
        }

        Assert.True((await fixture.Books.Store.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Replace(row.Key, changed, row.ETag)], Cancel)).Applied);
    }

    private Task<Result<UsageEventPage>> ReadAsync(long after, int limit) => new ReadUsageEvents(fixture.Books.Ledger).RunAsync(Sample.Partition, after, limit, Cancel);

    private async Task<UsageEventPage> PageAsync(long after, int limit) => (await ReadAsync(after, limit)).Value();
}

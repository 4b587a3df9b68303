using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Billing;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Books;

/// <summary>Every night the rows are added up anew. A row that does not fit is named; nothing else is.</summary>
public sealed class CloseBooksTests
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Sample.Now.UtcDateTime);
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_day_that_is_over_is_closed_once_and_balanced()
    {
        await ADayAsync();
        Assert.Empty(await CloseAsync());

        fixture.Clock.Advance(TimeSpan.FromHours(14) - TimeSpan.FromSeconds(1));
        Assert.Empty(await CloseAsync());
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var day = Assert.Single(await CloseAsync());

        Assert.Empty(await CloseAsync());
        Assert.Empty(day.Differences);
        Assert.Equal((Today, new DayCounts(1, 0, 0, 2, 1, 0, 1)), (day.Day, day.Counts));
        Assert.Equal((new Money(1_000), new Money(100), new Money(50), 4L), (day.Through.Granted, day.Through.Settled, day.Through.Owed, day.Through.Sequence));
        Assert.Equal((await fixture.BalanceAsync()).Head, day.Through.Head);
        Assert.Equivalent(day, (await new FindBooks(fixture.Store, new(fixture.Store)).RunAsync(Sample.Partition, Today, Cancel)).Value().Books);
    }

    [Fact]
    public async Task Nothing_can_be_added_to_a_day_that_is_closed()
    {
        await ADayAsync();
        var hold = await fixture.HoldAsync("req_late", 10);
        fixture.Clock.Advance(TimeSpan.FromHours(14));
        await CloseAsync();

        // An instance whose clock still shows the day before.
        var behind = new AccountLedger(fixture.Store, new(fixture.Store, Sample.Clock()), Sample.Clock(), new SystemEntropy());
        var entry = (await behind.SettleAsync(Sample.Partition, hold, new(10), hold.Hold.Close(Money.Zero))).Value();
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        var next = Assert.Single(await CloseAsync());

        Assert.Equal(LedgerHour.Of(Sample.Now.AddHours(14)), entry.Hour);
        Assert.Equal((Today.AddDays(1), new Money(110)), (next.Day, next.Through.Settled));
        Assert.Empty(next.Differences);
    }

    [Fact]
    public async Task Quiet_days_have_no_books_and_the_next_day_goes_on_where_the_last_ended()
    {
        await ADayAsync();
        fixture.Clock.Advance(TimeSpan.FromDays(3));
        await fixture.GrantAsync(7, "later");
        fixture.Clock.Advance(TimeSpan.FromDays(1));

        var days = await CloseAsync();

        Assert.Equal([Today, Today.AddDays(3)], days.Select(day => day.Day));
        Assert.Equal(days[0].Through, days[1].From);
        Assert.All(days, day => Assert.Empty(day.Differences));
    }

    public static TheoryData<string, string, string> Damages { get; } = new()
    {
        { "balance_settled", "B", nameof(Balance.Settled) },
        { "balance_granted", "B", nameof(Balance.Granted) },
        { "balance_paid", "B", nameof(Balance.Paid) },
        { "balance_expired", "B", nameof(Balance.Expired) },
        { "balance_refunded", "B", nameof(Balance.Refunded) },
        { "balance_held", "B", nameof(Balance.Held) },
        { "balance_open", "B", nameof(Balance.Open) },
        { "chain_broken", "L|req_2", nameof(LedgerEntry.Amount) },
        { "usage_hour", "U|2026112312", nameof(UsageHour.Prepaid) },
        { "budget_held", "K|key", "TotalHeld" },
        { "charge_above_quote", "L|req_2", nameof(LedgerEntry.Amount) },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_number_that_was_changed_behind_our_back_is_named(string code, string key, string column)
    {
        await fixture.Ledger.SetBudgetAsync(Sample.Partition, "K|key", new(Total: new(1_000_000)));
        await ADayAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(14));
        await fixture.Ledger.BeginHourAsync(Sample.Partition);
        await DamageAsync(key, column);

        var day = Assert.Single(await CloseAsync());

        Assert.Contains(code, day.Differences.Select(difference => difference.Code));
        Assert.Contains(day.Differences, difference => difference.Row == key || (code == "chain_broken" && difference.Row.StartsWith("L|", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_missing_entry_and_a_missing_place_are_named()
    {
        await ADayAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(14));
        await DeleteAsync("L|req_2");
        await DeleteAsync("S|000000000003");

        var day = Assert.Single(await CloseAsync());

        Assert.Contains(new Difference("entry_missing", "S|000000000002", "L|req_2", ""), day.Differences);
        Assert.Contains(new Difference("order_gap", "S|000000000004", "3", "4"), day.Differences);
    }

    [Fact]
    public async Task An_image_has_to_be_there_whole_unless_it_was_deleted_or_is_past_its_time()
    {
        await fixture.GrantAsync(1_000);
        foreach (var id in new[] { "req_ok", "req_gone", "req_changed", "req_deleted" }) await ChargeImageAsync(id);
        await fixture.Blobs.DeleteAsync("acct_sample/req_gone/0", Cancel);
        await fixture.Blobs.DeleteAsync("acct_sample/req_changed/0", Cancel);
        await fixture.Blobs.PutAsync("acct_sample/req_changed/0", new byte[] { 1, 2, 3 }, "image/png", "", Cancel);
        await new DeleteResult(fixture.Ledger, fixture.Results).RunAsync(Sample.Partition, "req_deleted", Cancel);
        fixture.Clock.Advance(TimeSpan.FromHours(14));

        var day = Assert.Single(await CloseAsync());

        Assert.Equal(["image_missing L|req_gone", "image_changed L|req_changed"], day.Differences.Select(difference => $"{difference.Code} {difference.Row}"));
    }

    [Fact]
    public async Task Usage_that_is_not_what_was_charged_is_named()
    {
        await ADayAsync();
        await new ServerlessImages.Usage.UsageRollups(fixture.Store, fixture.Ledger).AdvanceAsync(Sample.Partition, Cancel);
        var row = (await fixture.Store.RangeAsync(TableNames.Usage, Sample.Partition.Key, "R|", "R}", 1, Cancel))[0];
        await fixture.Store.CommitAsync(TableNames.Usage, Sample.Partition.Key, [RowWrite.Delete(row.Key, row.ETag)], Cancel);
        fixture.Clock.Advance(TimeSpan.FromHours(14));

        Assert.Equal("usage_total", Assert.Single(Assert.Single(await CloseAsync()).Differences).Code);
    }

    [Fact]
    public async Task Images_past_their_time_are_not_missed()
    {
        await fixture.GrantAsync(1_000);
        await ChargeImageAsync("req_old");
        await fixture.Blobs.DeleteAsync("acct_sample/req_old/0", Cancel);
        fixture.Clock.Advance(TimeSpan.FromDays(4));

        Assert.Empty(Assert.Single(await CloseAsync()).Differences);
    }

    [Fact]
    public async Task The_balance_can_be_rebuilt_from_the_export_alone_and_a_changed_file_cannot_pass()
    {
        await ADayAsync();
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await fixture.SettleAsync(await fixture.HoldAsync("req_9", 30), 25);
        await fixture.Ledger.RefundAsync(Sample.Partition, "re_1", "grant_1", new(300));
        await fixture.Ledger.DisputeAsync(Sample.Partition, "dp_1", "grant_1", new(700));
        await fixture.Ledger.ReverseAsync(Sample.Partition, "re_1", Cancel);
        await fixture.Ledger.PayAsync(Sample.Partition, "in_1", new(20));
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        var days = await CloseAsync();
        string[] files = [.. days.SelectMany(day => Enumerable.Range(0, day.Parts).Select(part => $"books/acct_sample/{BooksDay.Key(day.Day)}/{part:D4}.jsonl"))];
        var restore = new RestoreBalance(fixture.Blobs);

        var fold = await restore.RunAsync(files, Cancel);

        Assert.Equal(2, files.Length);
        Assert.Equal((new Money(700), new Money(20), 2, 1), (fold.Refunded, fold.Paid, days[1].Counts.Refunds, days[1].Counts.Payments));
        Assert.All(days, day => Assert.Empty(day.Differences));
        Assert.Empty(fold.Against(await fixture.BalanceAsync()));
        await Assert.ThrowsAsync<InvalidDataException>(() => restore.RunAsync(files[1..], Cancel));
        await Assert.ThrowsAsync<InvalidDataException>(() => restore.RunAsync([.. files, "books/acct_sample/2030-01-01/0000.jsonl"], Cancel));
        var bytes = await ReadAsync(files[0]);
        bytes[^10] ^= 1;
        await fixture.Blobs.DeleteAsync(files[0], Cancel);
        await fixture.Blobs.PutAsync(files[0], bytes, "application/jsonl", "", Cancel);
        await Assert.ThrowsAnyAsync<Exception>(() => restore.RunAsync(files, Cancel));
    }

    [Fact]
    public async Task Two_instances_at_once_close_a_day_once()
    {
        await ADayAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(14));

        var days = await Task.WhenAll(CloseAsync(), CloseAsync(), CloseAsync());

        Assert.Single(days.SelectMany(each => each));
    }

    [Fact]
    public async Task Every_partition_that_was_touched_is_closed_and_then_forgotten()
    {
        await ADayAsync();
        var closed = new List<DateOnly>();
        var books = Books();
        fixture.Clock.Advance(TimeSpan.FromHours(14));
        await fixture.SweepAsync();
        await fixture.SweepAsync();
        await books.RunAsync((_, day) => closed.Add(day.Day), _ => { }, Fail, Cancel);
        Assert.Equal([Today], closed);

        // What the sweeper gave back belongs to the day that had just begun.
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await books.RunAsync((_, day) => closed.Add(day.Day), _ => { }, Fail, Cancel);
        Assert.Equal([Today, Today.AddDays(1)], closed);
        Assert.Single(await ListedAsync());

        // Only what is owed is still to be reported.
        await new SendMeterEvents(fixture.Ledger, new OpenPartitions(fixture.Store, fixture.Clock), fixture.Store, fixture.Clock, new SystemEntropy(), new FakeCollector()).RunAsync((_, _) => { }, Fail, Cancel);
        await books.RunAsync((_, day) => closed.Add(day.Day), _ => { }, Fail, Cancel);
        Assert.Empty(await ListedAsync());
        await fixture.GrantAsync(1, "more");
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        await books.RunAsync((_, day) => closed.Add(day.Day), _ => { }, Fail, Cancel);
        Assert.Equal(3, closed.Count);

        static void Fail(LedgerPartition partition, Exception cause) => throw new InvalidOperationException(partition.Key, cause);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CloseBooks Books()
    {
        var ledger = fixture.Instance();
        return new(ledger, new(fixture.Store, fixture.Clock), fixture.Store, fixture.Blobs, new(fixture.Store), new(fixture.Store, fixture.Results), new(fixture.Store), new(new(fixture.Store, ledger)), new(fixture.Store, ledger, new(fixture.Store, fixture.Clock), new(fixture.Store, ledger), fixture.Clock), new(fixture.Store), fixture.Clock);
    }

    private Task<IReadOnlyList<BooksDay>> CloseAsync() => Books().CloseAsync(Sample.Partition, Cancel);

    /// <summary>A grant, a charge to each pot, and a failure; one request still runs.</summary>
    private async Task<IEnumerable<Row>> ListedAsync() =>
        (await Task.WhenAll(OpenPartitions.AllShards.Select(shard => new OpenPartitions(fixture.Store, fixture.Clock).PageAsync(shard, "", 100, Cancel)))).SelectMany(page => page);

    private async Task ADayAsync()
    {
        await fixture.GrantAsync(1_000);
        await ChargeImageAsync("req_2", 100);
        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(5_000));
        await fixture.SettleAsync(await fixture.HoldAsync("req_3", 2_000), 50);
        await fixture.VoidAsync(await fixture.HoldAsync("req_4", 10));
        await fixture.HoldAsync("req_running", 20);
    }

    private async Task ChargeImageAsync(string id, long charge = 10)
    {
        var hold = await fixture.HoldAsync(id, charge);
        byte[] image = [1, 2, 3, (byte)id.Length, (byte)id[^1]];
        var result = new ImageResult(Sample.Now, new(1024, 1024), ImageQuality.Low, ImageBackground.Auto, ImageFormat.Png, null, new(charge), new(new(charge), "v"), Money.Zero, "west", [StoredImage.Of(image)]);
        await fixture.Results.StoreAsync(Sample.Partition, id, result, [image], Cancel);
        await fixture.Ledger.SettleAsync(Sample.Partition, hold, new(charge), result.Close(hold.Hold));
    }

    private async Task DamageAsync(string key, string column)
    {
        var row = (await fixture.Store.FindAsync(TableNames.Ledger, Sample.Partition.Key, key, Cancel))!;
        var columns = new Columns();
        foreach (var (name, value) in row.Columns)
        {
            if (value is long number) columns.Add(name, name == column ? number + 5 : number);
            else columns.Add(name, (string)value);
        }

        await fixture.Store.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Replace(key, columns, row.ETag)], Cancel);
    }

    private async Task DeleteAsync(string key)
    {
        var row = (await fixture.Store.FindAsync(TableNames.Ledger, Sample.Partition.Key, key, Cancel))!;
        await fixture.Store.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Delete(key, row.ETag)], Cancel);
    }

    private async Task<byte[]> ReadAsync(string name)
    {
        var content = (await fixture.Blobs.OpenAsync(name, Cancel))!;
        await using var stream = content.Stream;
        var bytes = new byte[content.LengthBytes];
        await stream.ReadExactlyAsync(bytes, Cancel);
        return bytes;
    }
}

using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Api;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Portal;

/// <summary>A page for an account with 100,000 requests reads at most four pages of rows: what it shows is added up already, or is found without a scan.</summary>
public sealed class BusyAccountTests(BusyAccountTests.Site site) : IClassFixture<BusyAccountTests.Site>
{
    private const int RangesMax = 4;
    private const int RowsPerRange = 1_000;
    private readonly List<string> wrong = [];

    [Fact]
    public async Task No_page_reads_more_than_four_pages_of_rows()
    {
        var behind = await CountedAsync("/portal");
        var rollups = site.Product.Local.Services.GetRequiredService<UsageRollups>();
        while (!await rollups.AdvanceAsync(BusyAccount.Partition, TestContext.Current.CancellationToken)) Assert.Empty(wrong);

        foreach (var page in Pages()) await CountedAsync(page);
        var (today, overview, usage) = (default(DateOnly), "", "");
        // Again, should a day end between them.
        while (today != Today) (today, overview, usage) = (Today, await CountedAsync("/portal"), await CountedAsync("/portal/usage?days=90&by=tag:customer"));

        Assert.Empty(wrong);
        Assert.Contains("Figures up to", behind, StringComparison.Ordinal);
        Assert.Contains(" more, in the CSV file", usage, StringComparison.Ordinal);
        Assert.DoesNotContain("Figures up to", overview, StringComparison.Ordinal);
        Assert.Contains(Value(site.Account.Entries.Where(entry => UsageDay.DayOf(entry.Hour) >= new DateOnly(today.Year, today.Month, 1)).Aggregate(Money.Zero, (sum, entry) => sum + entry.Amount)), overview, StringComparison.Ordinal);
        Assert.Contains(Value(site.Account.Entries.Where(entry => UsageDay.DayOf(entry.Hour) > today.AddDays(-90)).Aggregate(Money.Zero, (sum, entry) => sum + entry.Amount)), usage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_for_what_nobody_did_goes_on_from_page_to_page_and_reads_no_more_for_it()
    {
        var first = await CountedAsync("/portal/requests?key=key_of_nobody");
        var pages = 1;
        for (var next = Next(first); next is not null && pages < 4; pages++) next = Next(await CountedAsync(next));
        var day = Today.AddDays(-40).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var ofDay = await CountedAsync($"/portal/requests?day={day}&status=failed");

        Assert.Empty(wrong);
        Assert.Equal(4, pages);
        Assert.Contains("None among those looked at", first, StringComparison.Ordinal);
        Assert.Contains($"{day} 23:", ofDay, StringComparison.Ordinal);
    }

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static string Value(Money amount) => $"<data class=\"money\" value=\"{amount}\"";

    private static string? Next(string html) => html.Contains("rel=\"next\"", StringComparison.Ordinal) ? WebUtility.HtmlDecode(html.Split("rel=\"next\"")[0].Split("href=\"")[^1].Split('"')[0]) : null;

    private IEnumerable<string> Pages()
    {
        var (key, from, to) = ("key_07", Today.AddDays(-91).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        return
        [
            "/portal/usage", "/portal/usage?days=90", "/portal/usage?days=90&by=key", "/portal/usage?by=quality", "/portal/usage?by=tag:team",
            $"/portal/usage?from={from}&to={to}&by=tag:customer", $"/portal/usage.csv?from={from}&to={to}&by=key", "/portal/usage?mode=test",
            "/portal/requests", "/portal/requests?before=50000", $"/portal/requests?key={key}", $"/portal/requests?model=gpt-image-2&status=failed&key={key}",
            "/portal/requests?tag.customer=17", "/portal/requests?status=running", "/portal/requests?mode=test", $"/portal/requests/{site.Account.Entries[77].Id}", $"/portal/requests/{site.Account.Entries[77].Id}/delete",
        ];
    }

    private async Task<string> CountedAsync(string address)
    {
        site.Store.Ranges.Clear();
        var page = await site.Browser.GetAsync(address);
        if (page.Status != HttpStatusCode.OK) wrong.Add($"{address}: {page.Status}");
        if (site.Store.Ranges.Count > RangesMax || site.Store.Ranges.Any(range => range.Limit > RowsPerRange)) wrong.Add($"{address}: {string.Join(", ", site.Store.Ranges)}");
        return page.Html;
    }

    /// <summary>The product over tables in memory, with the account in them: once for all tests.</summary>
    public sealed class Site : IAsyncLifetime
    {
        internal RangeCounter Store { get; } = new(new InMemoryTableStore());

        internal BusyAccount Account { get; } = new(TimeProvider.System.GetUtcNow());

        internal Product Product { get; private set; } = null!;

        internal PortalBrowser Browser { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Account.WriteAsync(Store);
            Product = await Product.StartAsync(options => (options with { Identity = true }).With(services => services.AddSingleton<ITableStore>(new StoreLimits(Store))));
            Browser = new PortalBrowser(Product);
            await Browser.SignInAsync("customer");
        }

        public async ValueTask DisposeAsync()
        {
            Browser.Dispose();
            await Product.DisposeAsync();
        }
    }

    /// <summary>Counts the account's: it is not listed as open, so that no timer reads any of it.</summary>
    internal sealed class RangeCounter(ITableStore store) : ITableStore
    {
        public List<(string Table, string From, int Limit)> Ranges { get; } = [];

        public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) => store.FindAsync(table, partition, key, cancel);

        public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
        {
            if (partition.StartsWith(BusyAccount.Partition.Account, StringComparison.Ordinal)) Ranges.Add((table, from, limit));
            return store.RangeAsync(table, partition, from, to, limit, cancel);
        }

        public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel) => store.CommitAsync(table, partition, writes, cancel);
    }
}

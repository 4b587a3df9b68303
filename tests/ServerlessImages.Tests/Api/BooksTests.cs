using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Api;

public sealed class BooksTests
{
    [Fact]
    public async Task A_closed_day_is_read_by_its_account_alone()
    {
        await using var product = await Product.StartAsync();
        var (customer, other) = (await product.CustomerAsync(), await product.CustomerAsync());
        using var image = await customer.GenerateAsync("a red fox");
        var charge = (await image.JsonAsync()).Money("cost", "amount_usd");
        var day = Assert.Single(await CloseAsync(product.Local.Services, customer.Partition));
        var path = $"/v1/books/{BooksDay.Key(day.Day)}";

        var books = await customer.Http.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);
        using var hidden = await other.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        using var document = await customer.Http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken);
        using var again = await customer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(("balanced", 1, 1), (books.Text("state"), books.GetProperty("requests_charged").GetInt32(), books.GetProperty("images").GetInt32()));
        Assert.True(books.GetProperty("collector_compared").GetBoolean());
        Assert.Empty(books.GetProperty("pending").EnumerateArray());
        Assert.Equal((charge, new Money(5_000_000)), (books.Money("charged_prepaid_usd"), books.Money("granted_usd")));
        Assert.Empty(books.GetProperty("differences").EnumerateArray());
        await hidden.AssertErrorAsync(HttpStatusCode.NotFound, "books_not_closed");
        await new OpenApiText(await document.JsonAsync()).AssertFitsAsync("GET /v1/books/{day}", again);
    }

    [Fact]
    public async Task What_Stripe_does_not_know_is_shown_with_both_rows()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        await product.Local.Services.GetRequiredService<AccountLedger>().GrantAsync(customer.Partition, "pi_ghost", new(1_000_000));
        var day = Assert.Single(await CloseAsync(product.Local.Services, customer.Partition));
        using var answer = await customer.Http.GetAsync(new Uri($"/v1/books/{BooksDay.Key(day.Day)}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var document = await customer.Http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken);

        var books = await answer.JsonAsync();

        Assert.Equal("pending", books.Text("state"));
        Assert.Equal("""{"code":"grant_unknown","row":"G|pi_ghost","expected":"1.000000","found":"","collector_row":"pi_ghost"}""", Assert.Single(books.GetProperty("pending").EnumerateArray()).GetRawText());
        await new OpenApiText(await document.JsonAsync()).AssertFitsAsync("GET /v1/books/{day}", answer);
    }

    /// <summary>As an instance would the day after tomorrow, over the same stores.</summary>
    internal static async Task<IReadOnlyList<BooksDay>> CloseAsync(IServiceProvider services, LedgerPartition partition)
    {
        var store = services.GetRequiredService<ITableStore>();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2));
        var open = new OpenPartitions(store, clock);
        var ledger = new AccountLedger(store, open, clock, new SystemEntropy());
        var blobs = services.GetRequiredService<IBlobStore>();
        var books = new CloseBooks(ledger, open, store, blobs, new(store), new(store, new ImageResults(blobs, clock)), new(store), new(new(store, ledger)), new(store, ledger, open, new(store, ledger), clock), new(store), clock);
        var days = await books.CloseAsync(partition, TestContext.Current.CancellationToken);
        await CompareAsync(services, partition, days[^1], clock);
        return days;
    }

    private static async Task CompareAsync(IServiceProvider services, LedgerPartition partition, BooksDay last, TimeProvider clock)
    {
        var (store, collector, differences) = (services.GetRequiredService<ITableStore>(), services.GetRequiredService<ICollectorBooks>(), services.GetRequiredService<CollectorDifferences>());
        var (payments, invoices) = (services.GetRequiredService<ComparePayments>(), services.GetRequiredService<CompareInvoices>());
        await new CompareEntries(store, differences, payments, invoices, collector).RunAsync(partition, last.Through.Sequence, last.Day, TestContext.Current.CancellationToken);
        var compare = new CompareCollector(differences, payments, services.GetRequiredService<CompareHours>(), invoices, services.GetRequiredService<PostpaidAccounts>(), services.GetRequiredService<Customers>(), collector, clock);
        await compare.RunAsync(_ => { }, (what, cause) => throw new InvalidOperationException(what, cause), TestContext.Current.CancellationToken);
    }
}

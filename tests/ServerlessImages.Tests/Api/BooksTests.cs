using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
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
        Assert.Equal((charge, new Money(5_000_000)), (books.Money("charged_prepaid_usd"), books.Money("granted_usd")));
        Assert.Empty(books.GetProperty("differences").EnumerateArray());
        await hidden.AssertErrorAsync(HttpStatusCode.NotFound, "books_not_closed");
        await new OpenApiText(await document.JsonAsync()).AssertFitsAsync("GET /v1/books/{day}", again);
    }

    /// <summary>As an instance would the day after tomorrow, over the same stores.</summary>
    internal static Task<IReadOnlyList<BooksDay>> CloseAsync(IServiceProvider services, LedgerPartition partition)
    {
        var store = services.GetRequiredService<ITableStore>();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2));
        var open = new OpenPartitions(store, clock);
        var ledger = new AccountLedger(store, open, clock, new SystemEntropy());
        var blobs = services.GetRequiredService<IBlobStore>();
        var books = new CloseBooks(ledger, open, store, blobs, new(store), new(store, new ImageResults(blobs, clock)), new(store), new(new(store, ledger)), new(store), clock);
        return books.CloseAsync(partition, TestContext.Current.CancellationToken);
    }
}

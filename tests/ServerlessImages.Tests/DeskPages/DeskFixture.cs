using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Operators;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Portal;

namespace ServerlessImages.Tests.DeskPages;

/// <summary>The product with its sign-in, once for the tests of a class; and somebody at the desk who may do everything.</summary>
public sealed class DeskFixture : IAsyncLifetime
{
    internal Product Product { get; private set; } = null!;

    internal PortalBrowser Operator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Product = await Product.StartAsync(options => options with { Identity = true });
        Operator = await SignInAsync("operator");
    }

    public ValueTask DisposeAsync()
    {
        Operator.Dispose();
        return Product.DisposeAsync();
    }

    internal T Of<T>()
        where T : notnull => Product.Local.Services.GetRequiredService<T>();

    internal async Task<PortalBrowser> SignInAsync(string person)
    {
        var browser = new PortalBrowser(Product);
        await browser.SignInAsync(person, page: "/operator");
        return browser;
    }

    /// <summary>A customer with five dollars who has drawn an image at one cent.</summary>
    internal async Task<(string Account, string Request, Customer Customer)> CustomerAsync()
    {
        var customer = await Product.CustomerAsync();
        var image = await Operators.Desk.DrawAsync(customer.Http);
        return (customer.Partition.Account, image.Text("id"), customer);
    }

    /// <summary>Asks for a form of the desk.</summary>
    internal async Task<PortalBrowser.Page> AskAsync(string path)
    {
        var page = await Operator.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return page;
    }

    /// <summary>Sends the form of the page itself, not the one that signs out.</summary>
    internal Task<PortalBrowser.Page> SendAsync(PortalBrowser.Page page, params (string Name, string Value)[] fields)
    {
        var form = page.Html.LastIndexOf("<form method=\"post\"", StringComparison.Ordinal);
        return Operator.SubmitAsync(page with { Html = page.Html[form..] }, fields);
    }

    internal async Task<PortalBrowser.Page> DoAsync(string path, params (string Name, string Value)[] fields) => await SendAsync(await AskAsync(path), fields);

    /// <summary>The last act on an account: its name, what was before and after, and why.</summary>
    internal async Task<(string Act, string Before, string After, string Reason, string Who)> LastActAsync(string account)
    {
        var last = (await ActsAsync(account))[0];
        return (last.Act.Name, last.Act.Before, last.Result, last.Act.Reason, last.Act.Who.Name);
    }

    internal async Task<IReadOnlyList<AuditRecord>> ActsAsync(string account) => (await Of<AuditLog>().PageAsync(account, "", 100, TestContext.Current.CancellationToken)).Acts;
}

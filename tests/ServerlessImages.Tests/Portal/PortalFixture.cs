using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>The product with its sign-in, once for the tests of a class. Each test comes as somebody new, with an account of their own.</summary>
public sealed class PortalFixture : IAsyncLifetime
{
    private int people;

    internal Product Product { get; private set; } = null!;

    public async ValueTask InitializeAsync() => await StartAsync();

    internal async Task<Product> StartAsync(params (string Name, string Value)[] settings) => Product = await Product.StartAsync(options => options with { Identity = true }, settings);

    public ValueTask DisposeAsync() => Product.DisposeAsync();

    internal T Of<T>()
        where T : notnull => Product.Local.Services.GetRequiredService<T>();

    /// <summary>Somebody new, who owns a new account.</summary>
    internal async Task<PortalVisitor> OwnerAsync()
    {
        var name = $"visitor{Interlocked.Increment(ref people)}";
        var browser = new PortalBrowser(Product);
        await browser.SignInAsync(address: $"{name}@example.com");
        var (account, _) = (await Of<AccountIndex>().FindAsync(name, "", 1, TestContext.Current.CancellationToken))[0];
        return new PortalVisitor(this, browser, account);
    }

    /// <summary>Somebody new in an account that there is, who came by an invitation.</summary>
    internal async Task<PortalVisitor> MemberAsync(string accountId, MemberRole role)
    {
        var account = (await Of<AccountDirectory>().FindAsync(accountId, TestContext.Current.CancellationToken))!;
        var (_, token) = (await Of<Invitations>().InviteAsync(account, role, "person", TestContext.Current.CancellationToken)).Value();
        var browser = new PortalBrowser(Product);
        await browser.SubmitAsync(await browser.SignInAsync(address: $"visitor{Interlocked.Increment(ref people)}@example.com", page: $"/portal/invitations/{token}"));
        return new PortalVisitor(this, browser, accountId);
    }
}

/// <summary>Somebody at a browser, in an account.</summary>
internal sealed class PortalVisitor(PortalFixture portal, PortalBrowser browser, string account) : IDisposable
{
    public string Account => account;

    public HttpClient Http => browser.Http;

    public LedgerPartition Live => new(account, Livemode: true);

    public Task<PortalBrowser.Page> GetAsync(string address) => browser.GetAsync(address);

    /// <summary>Sends a form that a page has.</summary>
    public Task<PortalBrowser.Page> SendAsync(PortalBrowser.Page page, string action, params (string Name, string Value)[] fields) => browser.SubmitAsync(page.Form(action), fields);

    /// <summary>Sends a page's only form.</summary>
    public Task<PortalBrowser.Page> SendAsync(PortalBrowser.Page page) => browser.SubmitAsync(page);

    /// <summary>Sends what no page of theirs offers, with the mark that any of their pages has.</summary>
    public async Task<PortalBrowser.Page> ForgeAsync(string action, params (string Name, string Value)[] fields)
    {
        var home = (await GetAsync("/portal")).Form("/portal/sign-out");
        return await browser.SubmitAsync(home with { Html = home.Html.Replace("action=\"/portal/sign-out\"", $"action=\"{action}\"", StringComparison.Ordinal) }, fields);
    }

    public Task<Balance> BalanceAsync() => portal.Of<AccountLedger>().BalanceAsync(Live, TestContext.Current.CancellationToken);

    public void Dispose() => browser.Dispose();
}

using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>One product with a portal for all tests of a class: each has accounts of its own in it.</summary>
public sealed class PortalProduct : IAsyncLifetime
{
    internal Product Product { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Product = await Product.StartAsync(options => options with { Identity = true });

    public ValueTask DisposeAsync() => Product.DisposeAsync();

    internal T Of<T>()
        where T : notnull => Product.Local.Services.GetRequiredService<T>();

    /// <summary>Somebody at a browser who sees a customer's account, in a role.</summary>
    internal async Task<PortalBrowser> MemberAsync(Customer customer, MemberRole role = MemberRole.Developer)
    {
        var account = (await Of<AccountDirectory>().FindAsync(customer.Partition.Account, Cancel))!;
        var (_, token) = (await Of<Invitations>().InviteAsync(account, role, "person", Cancel)).Value();
        var browser = new PortalBrowser(Product);
        var asked = await browser.SignInAsync(address: $"{Guid.CreateVersion7():N}@example.com", page: $"/portal/invitations/{token}");
        await browser.SubmitAsync(asked);
        return browser;
    }
}

using ServerlessImages.Accounts;
using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Revenue;

namespace ServerlessImages.Api.Desk;

/// <summary>The accounts, and what an operator sees of one: its money and what it did, never a prompt or an image.</summary>
internal static class AccountPages
{
    private const int Days = 30;

    public static void MapAccountPages(this WebApplication app)
    {
        app.MapGet(DeskPaths.Accounts, ListAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Account, ShowAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Account + "/requests", ShowRequestsAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Account + "/ledger", ShowLedgerAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Account + "/keys", ShowKeysAsync).RequireDesk(OperatorAccess.Read).AsPage();
        app.MapGet(DeskPaths.Account + "/members", ShowMembersAsync).RequireDesk(OperatorAccess.Read).AsPage();
    }

    private static async Task<PageResult> ListAsync(HttpContext http, AccountIndex index, AccountDirectory accounts, AccountLedger ledger)
    {
        var search = http.Asked("search", AccountActs.WordCharactersMax);
        var found = await index.FindAsync(search, http.After(), DeskPages.RowsPerPage + 1, http.RequestAborted);
        var rows = await Task.WhenAll(found.Take(DeskPages.RowsPerPage).DistinctBy(each => each.AccountId).Select(each => HeadAsync(each.AccountId)));
        return Page.Of<AccountsPage>(
            (nameof(AccountsPage.Shell), http.Desk()),
            (nameof(AccountsPage.Search), search),
            (nameof(AccountsPage.Accounts), rows.OfType<AccountHead>().ToArray()),
            (nameof(AccountsPage.NextCursor), found.Count > DeskPages.RowsPerPage ? found[DeskPages.RowsPerPage - 1].Cursor : null),
            (nameof(AccountsPage.IsFirst), http.After().Length == 0));

        async Task<AccountHead?> HeadAsync(string id) => await accounts.FindAsync(id, http.RequestAborted) is { } account ? new(account, await ledger.BalanceAsync(LiveOf(id), http.RequestAborted)) : null;
    }

    private static Task<IResult> ShowAsync(string id, HttpContext http, ReadRevenue revenue, PlanCatalog plans, AccountActs acts, TimeProvider clock) => WithAsync(id, http, async head =>
    {
        var tomorrow = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1);
        if (!(await revenue.RunAsync(new(tomorrow.AddDays(-Days), tomorrow, RevenueGroup.Day, id), http.RequestAborted)).TryGet(out var report, out var error)) return new PortalRefusal(error);
        return Page.Of<AccountPage>(
            (nameof(AccountPage.Shell), http.Desk()),
            (nameof(AccountPage.Head), head),
            (nameof(AccountPage.Plan), plans.Has(head.Account.Plan) ? plans.Get(head.Account.Plan) : null),
            (nameof(AccountPage.Revenue), report),
            (nameof(AccountPage.HasBilling), acts.HasBilling),
            (nameof(AccountPage.Now), clock.GetUtcNow()),
            (nameof(AccountPage.Done), AccountActPages.SentenceOf(http.Asked("done", AccountActs.WordCharactersMax))));
    });

    private static Task<IResult> ShowRequestsAsync(string id, HttpContext http, ListRequests list) => WithAsync(id, http, async head =>
    {
        var after = http.After() is var last && FindRequest.IsId(last) ? last : null;
        if (!(await list.RunAsync(LiveOf(id), after, DeskPages.RowsPerPage, http.RequestAborted)).TryGet(out var page, out var error)) return new PortalRefusal(error);
        return Page.Of<AccountRequestsPage>((nameof(AccountRequestsPage.Shell), http.Desk()), (nameof(AccountRequestsPage.Head), head), (nameof(AccountRequestsPage.Page), page), (nameof(AccountRequestsPage.IsFirst), after is null));
    });

    private static Task<IResult> ShowLedgerAsync(string id, HttpContext http, AccountLedger ledger) => WithAsync(id, http, async head =>
    {
        var before = long.TryParse(http.After(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var sequence) ? sequence : long.MaxValue;
        var entries = await ledger.EntriesBeforeAsync(LiveOf(id), before, DeskPages.RowsPerPage, http.RequestAborted);
        return Page.Of<AccountLedgerPage>((nameof(AccountLedgerPage.Shell), http.Desk()), (nameof(AccountLedgerPage.Head), head), (nameof(AccountLedgerPage.Entries), entries), (nameof(AccountLedgerPage.IsFirst), before == long.MaxValue));
    });

    private static Task<IResult> ShowKeysAsync(string id, HttpContext http, KeyList list, ApiKeyDirectory keys, TimeProvider clock) => WithAsync(id, http, async head =>
    {
        var view = new KeyView(http.Request.Query["livemode"] != "false", http.Request.Query["revoked"] == "true");
        var partition = new LedgerPartition(id, view.Livemode);
        var after = ApiKeyText.IsKeyId(http.After()) ? await keys.FindNowAsync(http.After(), http.RequestAborted) : null;
        var page = await list.PageAsync(partition, view.Revoked, after?.Partition == partition ? after : null, DeskPages.RowsPerPage, http.RequestAborted);
        return Page.Of<AccountKeysPage>(
            (nameof(AccountKeysPage.Shell), http.Desk()),
            (nameof(AccountKeysPage.Head), head),
            (nameof(AccountKeysPage.Keys), page),
            (nameof(AccountKeysPage.View), view),
            (nameof(AccountKeysPage.Now), clock.GetUtcNow()),
            (nameof(AccountKeysPage.Done), AccountActPages.SentenceOf(http.Asked("done", AccountActs.WordCharactersMax))));
    });

    private static Task<IResult> ShowMembersAsync(string id, HttpContext http, MemberDirectory members) => WithAsync(id, http, async head =>
        Page.Of<AccountMembersPage>((nameof(AccountMembersPage.Shell), http.Desk()), (nameof(AccountMembersPage.Head), head), (nameof(AccountMembersPage.Members), await members.MembersAsync(id, http.RequestAborted))));

    /// <summary>A page about an account that there is.</summary>
    private static async Task<IResult> WithAsync(string id, HttpContext http, Func<AccountHead, Task<IResult>> show)
    {
        if (await http.RequestServices.GetRequiredService<AccountDirectory>().FindAsync(id, http.RequestAborted) is not { } account) return new PortalRefusal(ApiError.AccountNotFound);
        return await show(new(account, await http.RequestServices.GetRequiredService<AccountLedger>().BalanceAsync(LiveOf(id), http.RequestAborted)));
    }

    private static LedgerPartition LiveOf(string id) => new(id, Livemode: true);
}

/// <summary>An account and its money, as it stands above every page about it.</summary>
public sealed record AccountHead(Account Account, Balance Balance);

/// <summary>Which keys are shown.</summary>
public sealed record KeyView(bool Livemode, bool Revoked);

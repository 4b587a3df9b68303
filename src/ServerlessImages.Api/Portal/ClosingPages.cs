using System.Net.Mime;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Closing;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Portal;

/// <summary>The end of an account, by its owner: what happens, what they take with them, and the page after it.</summary>
internal static class ClosingPages
{
    private const int NameCharactersMax = 1_000;

    public static void MapClosing(this WebApplication app)
    {
        app.MapGet(PortalPaths.Close, AskAsync).RequireMember(PortalAction.CloseAccount).AsPage();
        app.MapPost(PortalPaths.Close, CloseAsync).RequireMember(PortalAction.CloseAccount).TakeForm().AsPage();
        app.MapGet(PortalPaths.Export, ExportAsync).RequireMember(PortalAction.CloseAccount).AsPage();
        app.MapGet(PortalPaths.Closed, ShowClosed).RequireSession(PortalStep.SignedIn).AsPage();
    }

    private static Task<PageResult> AskAsync(HttpContext http, AccountLedger ledger, [FromServices] EndPayments? payments) => PageAsync(http, ledger, payments, FormState.Fresh);

    private static async Task<PageResult> PageAsync(HttpContext http, AccountLedger ledger, EndPayments? payments, FormState form)
    {
        var account = http.Member().Account.Id;
        return Page.Answer<ClosePage>(
            form.Status,
            (nameof(ClosePage.Shell), http.Shell()),
            (nameof(ClosePage.Balance), await ledger.BalanceAsync(new(account, Livemode: true), http.RequestAborted)),
            (nameof(ClosePage.PaysBack), payments is not null),
            (nameof(ClosePage.Expected), payments is null ? null : await ExpectedAsync(payments, account, http.RequestAborted)),
            (nameof(ClosePage.Form), form));
    }

    /// <returns>Null where the collector does not answer: the page is there without it.</returns>
    private static async Task<Money?> ExpectedAsync(EndPayments payments, string account, CancellationToken cancel)
    {
        try
        {
            return await payments.ExpectedAsync(account, cancel);
        }
        catch (CollectorUnavailableException)
        {
            return null;
        }
    }

    private static async Task<IResult> CloseAsync(HttpContext http, CloseAccount close, AccountDirectory accounts, AccountLedger ledger, [FromServices] EndPayments? payments)
    {
        var account = http.Member().Account;
        var form = await http.ReadPageFormAsync(fields => fields.Text("name", NameCharactersMax));
        var isRight = string.Equals(form.Value, account.Name.Trim(), StringComparison.Ordinal);
        if ((form.Error ?? (isRight ? null : ApiError.InvalidValue("name", "the account's name, letter by letter"))) is { } wrong) return await PageAsync(http, ledger, payments, form.Wrong(wrong));

        var closed = await CloseNowAsync(close, accounts, account);
        await http.SignOutAsync(PortalSchemes.Session);
        return Page.Of<ClosedPage>((nameof(ClosedPage.Closed), closed), (nameof(ClosedPage.PaysBack), payments is not null), (nameof(ClosedPage.IsSignedOut), true));
    }

    /// <summary>Once the account is closed, what does not work just now is not the owner's to mend: the sweep goes on with it.</summary>
    private static async Task<ClosedAccount> CloseNowAsync(CloseAccount close, AccountDirectory accounts, Account account)
    {
        try
        {
            return (await close.RunAsync(account.Id, CancellationToken.None)).TryGet(out var closed, out var error) ? closed : throw new InvalidOperationException(error.Message);
        }
        catch (Exception cause) when (cause is CollectorUnavailableException or LedgerUnavailableException or WriteFateUnknownException or StoreUnavailableException)
        {
            if (await accounts.FindAsync(account.Id, CancellationToken.None) is not { ClosedAt: not null } closed) throw;
            return new ClosedAccount(closed, IsDone: false, Money.Zero);
        }
    }

    private static async Task ExportAsync(HttpContext http, AccountExport export)
    {
        var account = http.Member().Account;
        var invoices = await export.InvoicesAsync(account.Id, http.RequestAborted);
        http.Response.ContentType = MediaTypeNames.Application.Zip;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{account.Id}.zip\"";

        // The framework's zip writes the last bytes of each file on the thread that closes it: some dozens of bytes, not the files.
        http.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
        await export.WriteAsync(http.Response.Body, account, invoices, http.RequestAborted);
    }

    private static PageResult ShowClosed() => Page.Of<ClosedPage>();
}

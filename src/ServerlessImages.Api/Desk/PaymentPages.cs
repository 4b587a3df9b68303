using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Billing;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Desk;

/// <summary>What comes in from the collector and what goes out to customers' endpoints: taken in, waiting, failed and why.</summary>
internal static class PaymentPages
{
    private const int ProblemsShown = 50;

    public static void MapPaymentsPage(this WebApplication app) => app.MapGet(DeskPaths.Payments, ShowAsync).RequireDesk(OperatorAccess.Read).AsPage();

    private static async Task<PageResult> ShowAsync(HttpContext http, ReadLive live, TimeProvider clock)
    {
        // Not there where no money is collected.
        var inbox = http.RequestServices.GetService<BillingInbox>();
        var received = inbox is null ? [] : await inbox.ReceivedAsync(http.After(), DeskPages.RowsPerPage + 1, http.RequestAborted);
        return Page.Of<PaymentsPage>(
            (nameof(PaymentsPage.Shell), http.Desk()),
            (nameof(PaymentsPage.HasBilling), inbox is not null),
            (nameof(PaymentsPage.SweptThrough), inbox is null ? null : await inbox.SweptThroughAsync(http.RequestAborted)),
            (nameof(PaymentsPage.Waiting), inbox is null ? (WaitingEvent[])[] : await inbox.WaitingAsync("", ProblemsShown, http.RequestAborted)),
            (nameof(PaymentsPage.Problems), inbox is null ? [] : (await inbox.ProblemsAsync("", ProblemsShown, http.RequestAborted)).Where(each => each.Kind != BillingProblemKind.EventWaiting).ToArray()),
            (nameof(PaymentsPage.Received), received.Take(DeskPages.RowsPerPage).ToArray()),
            (nameof(PaymentsPage.NextCursor), received.Count > DeskPages.RowsPerPage ? received[DeskPages.RowsPerPage - 1].Cursor : null),
            (nameof(PaymentsPage.IsFirst), http.After().Length == 0),
            (nameof(PaymentsPage.Live), await live.RunAsync(http.RequestAborted)),
            (nameof(PaymentsPage.Now), clock.GetUtcNow()));
    }
}

using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Pages.Site;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Billing;

/// <summary>Where a payer comes back to from the collector's page. A browser has no API key: the checkout's id, which nobody can guess, says which one it is, and neither amount nor account is shown.</summary>
internal static partial class ReturnPage
{
    private const string Path = "/billing/return";
    private const string IdParameter = "session_id";

    /// <summary>Stripe's own placeholder.</summary>
    private const string IdPlaceholder = "{CHECKOUT_SESSION_ID}";

    private static readonly PageResult Paid = Saying("Thank you", "The payment has arrived, and the credit can be used at once. You can close this window.");
    private static readonly PageResult Subscribed = Saying("You are subscribed", "What the account uses up to its limit is invoiced by the month. You can close this window.");
    private static readonly PageResult OnItsWay = Saying("Your payment is on its way", "The credit comes by itself as soon as the money arrives. With a bank transfer that can take some days. You can close this window.");
    private static readonly PageResult InReview = Saying("Your payment is being checked", "The payment has arrived, and somebody has to look at it before its credit can be used. Please do not pay again. You can close this window.");
    private static readonly PageResult Unknown = Saying("We are looking into it", "We cannot see the payment at this moment. If you have paid, the credit comes by itself within minutes: please do not pay again. You can close this window.");
    private static readonly PageResult NotPaid = Saying("Nothing was paid", "Your card was not charged. You can close this window, and pay later from where you came.");

    public static Uri SuccessUrl(SiteOptions site) => new($"{new Uri(site.PublicUrl!, Path).AbsoluteUri}?{IdParameter}={IdPlaceholder}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public static Uri CancelUrl(SiteOptions site) => new(site.PublicUrl!, Path);

    public static void MapReturnPage(this WebApplication app) => app.MapGet(Path, ShowAsync).OpenToEveryone().AsPage();

    private static async Task ShowAsync(HttpContext http, IPaymentCollector collector, CreditCheckout credit, ReturnPageLookups lookups, ILoggerFactory loggers)
    {
        var page = NotPaid;
        try
        {
            page = await FindAsync(http.Request.Query[IdParameter].ToString(), collector, credit, lookups, http.RequestAborted);
        }
        catch (Exception cause) when (cause is CollectorUnavailableException or LedgerUnavailableException or StoreUnavailableException or WriteFateUnknownException)
        {
            Log.Failed(loggers.CreateLogger(typeof(ReturnPage)), cause);
            page = Unknown;
        }

        await page.ExecuteAsync(http);
    }

    private static async Task<PageResult> FindAsync(string id, IPaymentCollector collector, CreditCheckout credit, ReturnPageLookups lookups, CancellationToken cancel)
    {
        if (!CollectorId.IsOne(id)) return NotPaid;
        if (!lookups.TryTake()) return Unknown;
        if (await collector.FindCheckoutAsync(id, cancel) is not { } checkout) return NotPaid;
        return await credit.RunAsync(checkout, cancel) switch
        {
            GrantOutcome.Granted => Paid,
            GrantOutcome.Quarantined => InReview,
            _ when checkout.Status != CheckoutStatus.Complete => NotPaid,
            _ => checkout.IsSubscription ? Subscribed : OnItsWay,
        };
    }

    private static PageResult Saying(string title, string text) => Page.Of<MessagePage>((nameof(MessagePage.Title), title), (nameof(MessagePage.Text), text));

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A payer came back, and the payment could not be looked up; the sweep brings its credit.")]
        public static partial void Failed(ILogger logger, Exception cause);
    }
}

/// <summary>Bounds what the return page asks of the collector, which counts its readers: anybody can call the page. Who comes too soon is told to wait; the credit does not depend on it.</summary>
internal sealed class ReturnPageLookups(TimeProvider clock)
{
    /// <summary>Of each instance.</summary>
    private static readonly RateLimit Limit = new(RequestsPerMinute: 60, Burst: 20);

    private readonly Lock gate = new();
    private long state;

    public bool TryTake()
    {
        lock (gate)
        {
            if (!Limit.Take(state, clock.GetUtcNow()).TryGet(out var pace, out _)) return false;
            state = pace.State;
            return true;
        }
    }
}

using ServerlessImages.Ledger;

namespace ServerlessImages.Api.OpenApi;

/// <summary>One of each error, by where it can happen. A test holds them to be all that there are.</summary>
internal static class ApiErrors
{
    private static readonly ApiError[] Ours = [ApiError.StorageUnavailable, ApiError.ServerError];

    /// <summary>Where a key is needed.</summary>
    public static ApiError[] WithKey { get; } = [ApiError.InvalidApiKey, ApiError.KeyExpired, ApiError.KeyDisabled, ApiError.MissingScope("images:generate"), ApiError.ClientAddressUnknown, ApiError.AddressNotAllowed, .. Ours];

    /// <summary>Where a JSON body is read.</summary>
    public static ApiError[] Body { get; } = [ApiError.BodyRequired, ApiError.InvalidJson, ApiError.BodyTooLarge(1_048_576), ApiError.UnknownParameter("day"), ApiError.InvalidValue("day_usd", "a decimal string")];

    /// <summary>Where a JSON body is read into an order.</summary>
    public static ApiError[] Order { get; } =
    [
        ApiError.BodyRequired, ApiError.InvalidJson, ApiError.BodyTooLarge(1_048_576),
        ApiError.UnknownParameter("sise"), ApiError.MissingParameter("prompt"), ApiError.InvalidValue("n", "a whole number from 1 to 10"),
        ApiError.InvalidSize("gpt-image-1.5", "'1024x1024', '1536x1024', '1024x1536'"), ApiError.UnsupportedByModel("quality", "gpt-image-2", "'auto', 'low', 'medium', 'high'"), ApiError.UnknownModel("dall-e-3"), ApiError.ModelNotAllowed("gpt-image-2"),
        ApiError.InvalidQuote, ApiError.QuoteExpired, ApiError.PriceAboveMaximum(new(7_700), new(5_000)),
    ];

    /// <summary>Where images may be sent along.</summary>
    public static ApiError[] Uploads { get; } = [ApiError.InvalidForm, ApiError.InvalidImageFile("image", "PNG, JPEG or WebP"), ApiError.ImageUrlRefused("images[0].image_url"), ApiError.ImageUrlUnreachable("images[0].image_url")];

    /// <summary>Where images are bought.</summary>
    public static ApiError[] Images { get; } =
    [
        .. WithKey, .. Order,
        ApiError.InvalidIdempotencyKey, ApiError.IdempotencyKeyReused, ApiError.IdempotencyInProgress, ApiError.ResultDeleted,
        ApiError.InsufficientBalance(new(7_700), new(1_000)), ApiError.AccountInDebt(Money.Dollars(5)), ApiError.AccountPaused(StopReasons.InvoiceUnpaid),
        ApiError.KeyBudgetExceeded("month", new(7_700), Money.Dollars(10), new(1_200), DateTimeOffset.FromUnixTimeSeconds(1_796_083_200)),
        ApiError.EndUserBudgetExceeded("day", new(7_700), Money.Dollars(1), new(4_000), DateTimeOffset.FromUnixTimeSeconds(1_795_564_800)),
        ApiError.RateLimitExceeded(null, 60, TimeSpan.FromSeconds(1)), ApiError.TooManyOpenRequests(10), ApiError.AccountTooBusy,
        ApiError.ModerationBlocked(new("input", ["violence"])), ApiError.PromptOnBlockList("sexual/minors", "2026-11-28"), ApiError.ContentCoolDown(DateTimeOffset.FromUnixTimeSeconds(1_795_459_863), DateTimeOffset.FromUnixTimeSeconds(1_795_458_963)), ApiError.AccountUnderReview,
        ApiError.NoDeploymentAvailable(null, ""), ApiError.UpstreamFailed(""), ApiError.UpstreamTimedOut(""), ApiError.UpstreamRejected(""), ApiError.NoUsableImage(""), ApiError.HoldExpired,
        ApiError.LedgerUnavailable, ApiError.StillGenerating("req_01a209b198eb4112cc3f2e088bc776b9"),
    ];

    /// <summary>Where the payment provider is asked.</summary>
    public static ApiError[] Billing { get; } = [.. WithKey, ApiError.TestKeyNotAllowed, ApiError.BillingUnavailable];

    /// <summary>Where a receipt is read.</summary>
    public static ApiError[] Receipt { get; } = [.. WithKey, ApiError.RequestNotFound, ApiError.ReceiptNotReady, ApiError.NothingCharged];

    /// <summary>Where the bytes of an image are read.</summary>
    public static ApiError[] Content { get; } = [ApiError.RequestNotFound, ApiError.ResultDeleted, .. Ours];
}

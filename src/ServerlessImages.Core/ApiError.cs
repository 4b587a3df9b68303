using System.Globalization;
using ServerlessImages.Ledger;

namespace ServerlessImages;

/// <summary>
/// A refusal that the caller can act on. The code and the message are public; <see cref="Cause"/> is for the operator's log only.
/// Every code is made by a static member here and has a row in <c>docs/errors.md</c>.
/// </summary>
/// <param name="Message">For people. Names no secret, no prompt and no upstream address.</param>
/// <param name="Param">The field of the request that the error is about.</param>
public sealed record ApiError(ApiErrorKind Kind, string Code, string Message, string? Param = null)
{
    /// <summary>When trying again can succeed; sent as <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>False where the same request would fail again, or would cost again: SDKs are told not to re-send.</summary>
    public bool Retryable { get; init; }

    /// <summary>What the money or the pace lacks, by name; sent as <c>error.details</c>.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = None;

    /// <summary>Where the account's rate limit stands; sent as <c>x-ratelimit-…</c>. Null before the ledger was asked.</summary>
    public Pace? Pace { get; init; }

    /// <summary>The content filter's stage and categories; sent as <c>error.moderation_details</c>.</summary>
    public ModerationDetails? Moderation { get; init; }

    /// <summary>Why, for the operator. Never sent.</summary>
    public string? Cause { get; init; }

    private static readonly Dictionary<string, string> None = [];

    // The request.
    public static ApiError BodyRequired { get; } = new(ApiErrorKind.InvalidRequest, "body_required", "A JSON body is required, at least {}.");
    public static ApiError InvalidJson { get; } = new(ApiErrorKind.InvalidRequest, "invalid_json", "The body is not one JSON object, or has more than 10,000 values.");
    public static ApiError InvalidForm { get; } = new(ApiErrorKind.InvalidRequest, "invalid_form", "The body is not a whole multipart form of at most 64 parts, each with a name.");
    public static ApiError BodyTooLarge(long bytesMax) => new(ApiErrorKind.TooLarge, "body_too_large", $"The body is too large: at most {bytesMax} bytes here. An edit can name larger images by URL.");
    public static ApiError UnknownParameter(string name) => new(ApiErrorKind.InvalidRequest, "unknown_parameter", $"Unknown parameter: '{name}'.", name);
    public static ApiError MissingParameter(string name) => new(ApiErrorKind.InvalidRequest, "missing_required_parameter", $"Missing required parameter: '{name}'.", name);
    public static ApiError InvalidValue(string name, string expected) => new(ApiErrorKind.InvalidRequest, "invalid_value", $"Invalid value for '{name}': expected {expected}.", name);
    public static ApiError InvalidSize(string model, string allowed) => new(ApiErrorKind.InvalidRequest, "invalid_size", $"Invalid size for {model}: expected 'auto' or {allowed}.", "size");
    public static ApiError UnsupportedByModel(string name, string model, string supported) => new(ApiErrorKind.InvalidRequest, "unsupported_by_model", $"{model} does not support this value of '{name}'. Supported: {supported}.", name);
    public static ApiError FileIdUnsupported(string name) => new(ApiErrorKind.InvalidRequest, "unsupported_by_model", "No model here reads uploaded files: send the image itself, or an 'image_url' with an https address or a data URL.", name);
    public static ApiError InvalidImageFile(string name, string formats) => new(ApiErrorKind.InvalidRequest, "invalid_image_file", $"Invalid image in '{name}': expected one whole, still {formats}, at most 16,384 pixels an edge and 64 megapixels in all.", name);
    public static ApiError ImageUrlRefused(string name) => new(ApiErrorKind.InvalidRequest, "image_url_refused", $"The address in '{name}' is not fetched: expected https on port 443 with a host name, without a user or password, at most 8,192 characters.", name);
    public static ApiError ImageUrlUnreachable(string name) => new(ApiErrorKind.InvalidRequest, "image_url_unreachable", $"The address in '{name}' did not bring an image: it has to be public, answer 200 after at most 3 redirects, and be neither slow nor too large. Nothing was charged.", name);
    public static ApiError UnknownModel(string model) => new(ApiErrorKind.InvalidRequest, "unknown_model", $"The model '{model}' does not exist here. GET /v1/models lists those that do.", "model");
    public static ApiError UsageTooLarge(string limit) => new(ApiErrorKind.InvalidRequest, "usage_too_large", $"This report would be too large: at most {limit}. Ask for less time, larger buckets or fewer groups.");
    public static ApiError ModelNotFound { get; } = new(ApiErrorKind.NotFound, "model_not_found", "There is no such model. GET /v1/models lists those that are.");
    public static ApiError EndpointNotFound { get; } = new(ApiErrorKind.NotFound, "endpoint_not_found", "There is no such endpoint.");
    public static ApiError EndpointRetired { get; } = new(ApiErrorKind.NotFound, "endpoint_retired", "This endpoint went with the models that it was for. POST /v1/images/edits makes new images from old ones.");
    public static ApiError MethodNotAllowed { get; } = new(ApiErrorKind.MethodNotAllowed, "method_not_allowed", "This endpoint does not have that method.");
    public static ApiError RequestNotFound { get; } = new(ApiErrorKind.NotFound, "request_not_found", "There is no such request in this account. Requests refused before money was held are not kept.");
    public static ApiError KeyNotFound { get; } = new(ApiErrorKind.NotFound, "key_not_found", "There is no such API key in this account. Its id is the 12 characters behind 'si_live_' or 'si_test_'.");
    public static ApiError EventNotFound { get; } = new(ApiErrorKind.NotFound, "event_not_found", "There is no such event in this account. GET /v1/events lists them.");
    public static ApiError WebhookEndpointNotFound { get; } = new(ApiErrorKind.NotFound, "webhook_endpoint_not_found", "There is no such webhook endpoint in this account. GET /v1/webhook-endpoints lists them.");
    public static ApiError TooManyWebhookEndpoints(int endpointsMax) => new(ApiErrorKind.Unprocessable, "too_many_webhook_endpoints", $"An account has at most {endpointsMax} webhook endpoints. Nothing was added: delete one, or let one take more types of events.");
    public static ApiError WebhookEndpointDisabled { get; } = new(ApiErrorKind.Conflict, "webhook_endpoint_disabled", "This webhook endpoint is disabled, so nothing is sent to it. Enable it with PATCH and the status 'enabled'.");
    public static ApiError DeliveryNotFound { get; } = new(ApiErrorKind.NotFound, "delivery_not_found", "This event was not delivered to this endpoint, or so long ago that it is no longer in its log. GET /v1/events/{id} still has the event.");
    public static ApiError BooksNotClosed { get; } = new(ApiErrorKind.NotFound, "books_not_closed", "The books have no such day: nothing happened on it, or it is not closed yet. A day, UTC, closes at 02:00 of the next.");
    public static ApiError ResultNotReady { get; } = new(ApiErrorKind.NotFound, "result_not_ready", "This request has no image yet.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError ResultNotFound { get; } = new(ApiErrorKind.NotFound, "result_not_found", "This request made no image of that number.");
    public static ApiError ReceiptNotReady { get; } = new(ApiErrorKind.NotFound, "receipt_not_ready", "This request is still running: its charge is not known yet.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError NothingCharged { get; } = new(ApiErrorKind.NotFound, "nothing_charged", "Nothing was charged for this request, so there is no receipt.");
    public static ApiError UrlNotValid { get; } = new(ApiErrorKind.NotFound, "url_not_valid", "This address is not one of ours, or its hour is over. A new one is made with each answer.");
    public static ApiError ResultDeleted { get; } = new(ApiErrorKind.Gone, "result_deleted", "The images of this request are no longer kept; its charge stands.");
    public static ApiError IdempotencyKeyReused { get; } = new(ApiErrorKind.Unprocessable, "idempotency_key_reused", "This Idempotency-Key was used for another request in the last 72 hours. Send a new key with a new request.", "Idempotency-Key");
    public static ApiError IdempotencyInProgress { get; } = new(ApiErrorKind.Conflict, "idempotency_in_progress", "The request with this Idempotency-Key is still running. Send it again later: it is charged once, and its answer is kept.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError InvalidIdempotencyKey { get; } = new(ApiErrorKind.InvalidRequest, "invalid_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters, and both of its headers say the same.", "Idempotency-Key");
    public static ApiError InvalidQuote { get; } = new(ApiErrorKind.InvalidRequest, "invalid_quote", "This quote_id is not one of ours, or was given to another account or for another request.", "quote_id");
    public static ApiError QuoteExpired { get; } = new(ApiErrorKind.InvalidRequest, "quote_expired", "This quote has expired. Ask POST /v1/quotes for a new one.", "quote_id");
    public static ApiError StillGenerating(string requestId) => new(ApiErrorKind.StillRunning, "still_generating", $"The image is still being drawn and will be kept. Do not send the request again: read /v1/requests/{requestId}.");

    // The key.
    public static ApiError InvalidApiKey { get; } = new(ApiErrorKind.Authentication, "invalid_api_key", "Incorrect API key provided. Send it as 'Authorization: Bearer si_live_…' or 'api-key: si_live_…'.");
    public static ApiError KeyExpired { get; } = new(ApiErrorKind.Authentication, "key_expired", "This API key has expired.");
    public static ApiError KeyDisabled { get; } = new(ApiErrorKind.Authentication, "key_disabled", "This API key is switched off.");
    public static ApiError ClientAddressUnknown { get; } = new(ApiErrorKind.Permission, "client_address_unknown", "This API key may be used from some addresses only, and this server does not learn its callers' addresses.");
    public static ApiError AddressNotAllowed { get; } = new(ApiErrorKind.Permission, "address_not_allowed", "This API key may not be used from your address.");
    public static ApiError ModelNotAllowed(string model) => new(ApiErrorKind.Permission, "model_not_allowed", $"This API key may not buy images of the model '{model}'.", "model");
    public static ApiError TestKeyNotAllowed { get; } = new(ApiErrorKind.Permission, "test_key_not_allowed", "This is about real money: use a live key, si_live_….");
    public static ApiError KeyExceedsOwn(string what) => new(ApiErrorKind.Permission, "key_exceeds_own", $"A key cannot give out a key that may more than itself: '{what}' goes beyond its own.", what);
    public static ApiError KeyNotActive { get; } = new(ApiErrorKind.Conflict, "key_not_active", "This API key is revoked, expired or switched off. Nothing was changed.");
    public static ApiError KeyRotated(string replacement) => new(ApiErrorKind.Conflict, "key_rotated", $"This API key was rotated before: '{replacement}' took its place. Nothing was changed.");
    public static ApiError TooManyKeys(int keysMax) => new(ApiErrorKind.Unprocessable, "too_many_keys", $"This account has {keysMax} keys that are not revoked, which is the most. Nothing was made: revoke those that nobody needs.");
    public static ApiError MissingScope(string scope) => new(ApiErrorKind.Permission, "missing_scope", $"This API key lacks the scope '{scope}'.");

    // The portal.
    public static ApiError SignInUnavailable { get; } = new(ApiErrorKind.Unavailable, "sign_in_unavailable", "The identity provider cannot be reached just now, so nobody can sign in. Try again in a moment.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError MemberNotFound { get; } = new(ApiErrorKind.NotFound, "member_not_found", "There is no such member in this account.");
    public static ApiError LastOwner { get; } = new(ApiErrorKind.Conflict, "last_owner", "An account keeps at least one owner. Nothing was changed: make another member an owner before.");
    public static ApiError TooManyMembers(int membersMax) => new(ApiErrorKind.Unprocessable, "too_many_members", $"This account has {membersMax} members, which is the most.");
    public static ApiError TooManyInvitations(int invitationsMax) => new(ApiErrorKind.Unprocessable, "too_many_invitations", $"This account has {invitationsMax} invitations that nobody has used, which is the most: take some back.");
    public static ApiError InvitationNotValid { get; } = new(ApiErrorKind.NotFound, "invitation_not_valid", "This invitation is not one of ours, was used or taken back, or is older than seven days. Ask for another.");
    public static ApiError NotAllowedHere { get; } = new(ApiErrorKind.Permission, "not_allowed_here", "Your role in this account does not allow this. An owner can give you another.");
    public static ApiError FormExpired { get; } = new(ApiErrorKind.InvalidRequest, "form_expired", "This form was not made for this session, or is too old. Nothing was changed: open the page again.");

    // The operator.
    public static ApiError InvalidOperatorToken { get; } = new(ApiErrorKind.Authentication, "invalid_operator_token", "This is not a valid token of the operator's directory for this API. Get one with 'az account get-access-token --scope {audience}/.default'.");
    public static ApiError MissingRole(string role) => new(ApiErrorKind.Permission, "missing_role", $"This takes the operator's role '{role}', which neither this token nor this sign-in has.");
    public static ApiError OperatorLoginUnavailable { get; } = new(ApiErrorKind.Unavailable, "operator_login_unavailable", "The operator's directory cannot be reached, so no token can be checked. Nothing was done.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError TooManyExpiringGrants(int grantsMax) => new(ApiErrorKind.Unprocessable, "too_many_expiring_grants", $"This account has {grantsMax} grants that expire and are not spent yet, which is the most. Nothing was granted: grant without expires_at, or when one of them has expired.");
    public static ApiError InsufficientCredit(Money available) => new(ApiErrorKind.InvalidRequest, "insufficient_credit", $"No more can be taken back than is available: ${available}. Nothing was changed.", "amount_usd");
    public static ApiError PriceTooSoon(DateOnly first) => new(ApiErrorKind.InvalidRequest, "price_too_soon", $"A price begins on a day that every instance learns of in time: {first:yyyy-MM-dd} at the earliest. Nothing was changed.", "effective_from");
    public static ApiError AccountNotFound { get; } = new(ApiErrorKind.NotFound, "account_not_found", "There is no such account.");

    // The money.
    public static ApiError InsufficientBalance(Money quote, Money available) => new(ApiErrorKind.InsufficientQuota, "insufficient_balance", $"This request can cost up to ${quote}, and ${available} is available: ${quote - available} is missing. Nothing was charged.")
    {
        Details = new Dictionary<string, string> { ["quote_usd"] = quote.ToString(), ["available_usd"] = available.ToString(), ["missing_usd"] = (quote - available).ToString() },
    };

    public static ApiError AccountInDebt(Money debt) => new(ApiErrorKind.InsufficientQuota, "account_in_debt", $"A payment was taken back after it had been spent, and ${debt} is missing. Until that is paid, nothing can be bought. Nothing was charged.")
    {
        Details = new Dictionary<string, string> { ["debt_usd"] = debt.ToString() },
    };

    public static ApiError AccountPaused(StopReasons reasons) => new(ApiErrorKind.InsufficientQuota, "account_paused", $"This account may not spend just now: {WordsOf(reasons)} Nothing was charged.")
    {
        Details = new Dictionary<string, string> { ["reasons"] = string.Join(' ', reasons.ToNames()) },
    };

    /// <param name="limit">Which: <c>total</c>, <c>day</c> or <c>month</c>.</param>
    /// <param name="resetsAt">When that day or month is over; null for the total.</param>
    public static ApiError KeyBudgetExceeded(string limit, Money quote, Money budget, Money left, DateTimeOffset? resetsAt) =>
        BudgetExceeded("key_budget_exceeded", "API key", limit, quote, budget, left, resetsAt);

    public static ApiError EndUserBudgetExceeded(string limit, Money quote, Money budget, Money left, DateTimeOffset? resetsAt) =>
        BudgetExceeded("end_user_budget_exceeded", "end user", limit, quote, budget, left, resetsAt);

    public static ApiError PriceAboveMaximum(Money quote, Money maximum) => new(ApiErrorKind.InsufficientQuota, "price_above_maximum", $"This request can cost up to ${quote}, and its max_price_usd is ${maximum}. Nothing was charged.", "max_price_usd")
    {
        Details = new Dictionary<string, string> { ["quote_usd"] = quote.ToString(), ["max_price_usd"] = maximum.ToString() },
    };

    private static string WordsOf(StopReasons reasons)
    {
        var invoice = reasons.HasFlag(StopReasons.InvoiceUnpaid) ? "An invoice is due and was not paid: pay it in the customer portal, POST /v1/billing/portal. " : "";
        var dispute = reasons.HasFlag(StopReasons.PaymentDisputed) ? "A payment is disputed at its bank: withdraw the dispute there, or wait for its end." : "";
        var closed = reasons.HasFlag(StopReasons.AccountClosed) ? " It was closed by its owner." : "";
        var frozen = reasons.HasFlag(StopReasons.Frozen) ? " It was stopped by those who run this service: write to them." : "";
        return (invoice + dispute + closed + frozen).Trim();
    }

    private static ApiError BudgetExceeded(string code, string owner, string limit, Money quote, Money budget, Money left, DateTimeOffset? resetsAt)
    {
        var details = new Dictionary<string, string> { ["limit"] = limit, ["limit_usd"] = budget.ToString(), ["left_usd"] = left.ToString(), ["quote_usd"] = quote.ToString() };
        var reset = resetsAt is { } time ? $" It resets at {time:yyyy-MM-dd HH:mm} UTC." : "";
        if (resetsAt is { } at) details["resets_at"] = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var words = limit == "total" ? "budget" : $"budget of this {limit}";
        return new(ApiErrorKind.InsufficientQuota, code, $"This request can cost up to ${quote}, and ${left} is left of this {owner}'s {words}, ${budget}. Nothing was charged.{reset}") { Details = details };
    }

    // The buying of credit.
    public static ApiError CheckoutNotFound { get; } = new(ApiErrorKind.NotFound, "checkout_not_found", "There is no such checkout in this account.");
    public static ApiError InvalidWebhook { get; } = new(ApiErrorKind.InvalidRequest, "invalid_webhook", "This is not an event that was signed for this API in the last five minutes. Nothing was changed.");
    public static ApiError CreditNotApproved { get; } = new(ApiErrorKind.Permission, "credit_not_approved", "This account pays before it uses: nobody has approved a credit limit for it. Ask the operator, or buy credit with the mode 'payment'.");
    public static ApiError SubscriptionExists { get; } = new(ApiErrorKind.Conflict, "subscription_exists", "This account has a subscription already. Cards are changed in the customer portal, POST /v1/billing/portal.");
    public static ApiError InvoiceNotFound { get; } = new(ApiErrorKind.NotFound, "invoice_not_found", "There is no such invoice in this account.");
    public static ApiError SubscriptionNotFound { get; } = new(ApiErrorKind.NotFound, "subscription_not_found", "This account has no subscription.");
    public static ApiError BillingNotSetUp { get; } = new(ApiErrorKind.Unavailable, "billing_not_set_up", "What usage is invoiced with is not set up yet. An operator has to call POST /operator/v1/billing/setup.");
    public static ApiError BillingSetupDiffers(string differences) => new(ApiErrorKind.Conflict, "billing_setup_differs", $"What usage is invoiced with is there, and would bill something else: {differences}. Nothing was changed.");
    public static ApiError BillingUnavailable { get; } = new(ApiErrorKind.Unavailable, "billing_unavailable", "The payment provider cannot be reached just now. Send the request again: with the same Idempotency-Key it opens the same page.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };

    // The pace.
    public static ApiError RateLimitExceeded(BudgetOwner? owner, int requestsPerMinute, TimeSpan retryAfter)
    {
        var (name, words) = owner switch
        {
            BudgetOwner.Key => ("key", "API key"),
            BudgetOwner.EndUser => ("end_user", "end user"),
            _ => ("account", "account"),
        };
        return new(ApiErrorKind.Pace, "rate_limit_exceeded", $"This {words} may start {requestsPerMinute} requests a minute. Nothing was charged.")
        {
            Retryable = true,
            RetryAfter = retryAfter,
            Details = new Dictionary<string, string> { ["limit"] = $"{requestsPerMinute}/min", ["limit_of"] = name },
        };
    }

    public static ApiError TooManyOpenRequests(int openMax) => new(ApiErrorKind.Pace, "too_many_open_requests", $"This account may have {openMax} requests open at once. Nothing was charged.")
    {
        Retryable = true,
        RetryAfter = TimeSpan.FromSeconds(5),
        Details = new Dictionary<string, string> { ["limit"] = $"{openMax} open" },
    };

    public static ApiError AccountTooBusy { get; } = new(ApiErrorKind.Pace, "account_too_busy", "So many requests of this account are waiting that this one would wait too long. Nothing was charged.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(2) };

    // The content.
    internal const string ModerationCode = "moderation_blocked";
    internal const string CoolDownCode = "content_cool_down";
    internal const string UnderReviewCode = "account_under_review";

    public static ApiError ModerationBlocked(ModerationDetails details) => new(ApiErrorKind.Content, ModerationCode, "Your request was rejected by the safety system. It was not charged.", "prompt") { Moderation = details };

    /// <param name="version">Of the list, for the operator who is asked about it.</param>
    public static ApiError PromptOnBlockList(string category, string version) => new(ApiErrorKind.Content, ModerationCode, "Your request was rejected by this API's own list of what it does not draw, before it reached any model. It was not charged.", "prompt")
    {
        Moderation = new("input", [category]),
        Details = new Dictionary<string, string> { ["source"] = "block_list", ["list_version"] = version },
    };

    public static ApiError ContentCoolDown(DateTimeOffset until, DateTimeOffset now) => new(ApiErrorKind.Content, CoolDownCode, $"The safety system refused too many requests of this account lately, so nothing is drawn for it until {until:yyyy-MM-dd HH:mm:ss} UTC. Nothing was charged. GET /v1/balance says where it stands.")
    {
        RetryAfter = until - now,
        Details = new Dictionary<string, string> { ["until"] = until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) },
    };

    public static ApiError AccountUnderReview { get; } = new(ApiErrorKind.Permission, UnderReviewCode, "The safety system refused so many requests of this account that nothing is drawn for it until the operator has looked at it. Nothing was charged, and its money is untouched. Ask the operator.");

    // The upstream.
    public static ApiError NoDeploymentAvailable(TimeSpan? retryAfter, string cause) => new(ApiErrorKind.UpstreamUnavailable, "no_deployment_available", "No deployment of this model can take the request just now. It was not charged.") { Retryable = true, RetryAfter = retryAfter ?? TimeSpan.FromSeconds(10), Cause = cause };
    public static ApiError UpstreamFailed(string cause) => new(ApiErrorKind.Upstream, "upstream_failed", "The image model failed. It was not charged.") { Retryable = true, Cause = cause };
    public static ApiError UpstreamTimedOut(string cause) => new(ApiErrorKind.Upstream, "upstream_timed_out", "The image model did not finish in time. It was not charged.") { Cause = cause };
    public static ApiError UpstreamRejected(string cause) => new(ApiErrorKind.Upstream, "upstream_rejected", "The image model did not accept a request that it should. It was not charged.") { Cause = cause };
    public static ApiError NoUsableImage(string cause) => new(ApiErrorKind.Upstream, "no_usable_image", "The image model answered without a usable image. It was not charged.") { Retryable = true, Cause = cause };
    public static ApiError JobWorkersLost { get; } = new(ApiErrorKind.Upstream, "job_workers_lost", "Whoever began this job did not come back, three times. It was not charged.");
    public static ApiError HoldExpired { get; } = new(ApiErrorKind.Upstream, "hold_expired", "The image came after its hold had expired. It was not charged.");

    // Us.
    public static ApiError LedgerUnavailable { get; } = new(ApiErrorKind.Unavailable, "ledger_unavailable", "The ledger cannot be reached, so nothing is sold. It was not charged.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError StorageUnavailable { get; } = new(ApiErrorKind.Unavailable, "storage_unavailable", "Our storage cannot be reached just now. Send the request again: with the same Idempotency-Key it is never charged twice.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(5) };
    public static ApiError UsageNotReady { get; } = new(ApiErrorKind.Unavailable, "usage_not_ready", "So much was used since usage was last added up that this is not done yet. Send the request again: it goes on where it stopped.") { Retryable = true, RetryAfter = TimeSpan.FromSeconds(1) };
    public static ApiError LedgerChainBroken(long sequence) => new(ApiErrorKind.Server, "ledger_chain_broken", $"The ledger's entries around number {sequence} do not prove each other. Nothing of this page is answered: the operator has to look at it.");
    public static ApiError ServerError { get; } = new(ApiErrorKind.Server, "server_error", "Something failed on our side. The request id below leads us to it.") { Retryable = true };
}

/// <param name="Stage"><c>input</c>, <c>output</c> or <c>unknown</c>.</param>
/// <param name="Categories">The upstream's words, such as <c>violence</c>.</param>
public sealed record ModerationDetails(string Stage, IReadOnlyList<string> Categories)
{
    public bool Equals(ModerationDetails? other) => other is not null && Stage == other.Stage && Categories.SequenceEqual(other.Categories);

    public override int GetHashCode() => HashCode.Combine(Stage, Categories.Count);
}

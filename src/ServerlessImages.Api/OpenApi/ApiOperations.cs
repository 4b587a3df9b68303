using ServerlessImages.Api.Receipts;
using ServerlessImages.Api.Usage;

namespace ServerlessImages.Api.OpenApi;

/// <summary>
/// The document's content, endpoint by endpoint. Routes, path parameters and schemas come from the code; endpoints read their bodies by hand, so what they take
/// and answer is said here, and tests hold it to the real answers.
/// </summary>
internal static class ApiOperations
{
    private const string Images = "Images";
    private const string Models = "Models and prices";
    private const string Requests = "Requests";
    private const string Jobs = "Jobs";
    private const string Money = "Money";
    private const string Keys = "Keys";
    private const string Billing = "Billing";
    private const string Other = "Other";

    public static IReadOnlyList<(string Name, string Description)> Tags { get; } =
    [
        (Images, "Draw images. Each is priced before, held during and charged after: only whole images that were delivered, never more than the quote."),
        (Models, "What can be bought, and what it costs before it is bought."),
        (Requests, "What became of each request, its cost and its images."),
        (Jobs, "Requests that are answered later: Prefer: respond-async. Money is held at once, and charged when images are there."),
        (Money, "What is left to spend, and proof of what was spent."),
        (Keys, "API keys: for keys that may manage them. Nobody makes a key that may more than their own."),
        (Billing, "Buying credit. There only where the operator has a payment provider."),
        (Other, "Without a key."),
    ];

    public static IReadOnlyList<ApiHeader> EveryAnswer { get; } = [new("x-request-id", "The request's id, also for GET /v1/requests/{id} once money was held.")];

    public static IReadOnlyList<ApiHeader> Held { get; } =
    [
        new("x-quote-usd", "The most that the request can cost."),
        new("x-ratelimit-limit-requests", "Requests per minute of the account's plan."),
        new("x-ratelimit-remaining-requests", "How many may start at once now."),
        new("x-ratelimit-reset-requests", "Until the whole burst is there again, such as 0m1s."),
        new("RateLimit", "The same in the words of the IETF draft: remaining and seconds."),
        new("Deprecation", "From 90 days before the model's end: since when it is deprecated (RFC 9745)."),
        new("Sunset", "From 90 days before the model's end: when it ends (RFC 8594)."),
    ];

    public static IReadOnlyList<ApiHeader> ImageHeaders { get; } =
    [
        .. Held,
        new("x-cost-usd", "The charge. Of a stream it is in the last event."),
        new("x-overhead-ms", "Our own share of the time. Of a stream it is in the last event."),
        new("x-images-requested", "How many images were asked for. Not on streams."),
        new("x-images-delivered", "How many came, and are charged. Not on streams."),
    ];

    private static readonly ApiParameter[] Idempotency =
    [
        new("Idempotency-Key", IsHeader: true, "1 to 255 visible ASCII characters. The same key and request bring the same answer and one charge, for 72 hours; another request is refused."),
        new("x-idempotency-key", IsHeader: true, "The same, as some clients spell it."),
    ];

    private static readonly ApiParameter[] Usage =
    [
        new("from", IsHeader: false, "Unix seconds, to the hour that they lie in; default 30 days before to."),
        new("to", IsHeader: false, "Unix seconds, to the end of the hour that they lie in; default now."),
        new("bucket", IsHeader: false, "hour (of at most 31 days), day (default), month or all; UTC."),
        new("group_by", IsHeader: false, "Any of model, quality, key, end_user, rail and tag:NAME, with commas between."),
        new("model", IsHeader: false, "Only this model, by its id."),
        new("quality", IsHeader: false, "Only this quality, as asked."),
        new("key_id", IsHeader: false, "Only this key."),
        new("end_user", IsHeader: false, "Only this end user; empty for requests without one."),
        new("rail", IsHeader: false, "Only what was paid from prepaid credit (prepaid), or is invoiced (postpaid)."),
        new("format", IsHeader: false, "json (default) or csv."),
    ];

    private static ApiHeader[] AcceptedHeaders => [.. Held, new("Location", "Where the job is."), new("Preference-Applied", "respond-async.")];

    private static readonly ApiParameter Prefer = new("Prefer", IsHeader: true, "respond-async: answer 202 with a job at once, and draw then (RFC 7240).");

    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("POST /v1/images/generations", "generateImages", Images, "Draw images from words", "With stream: true the answer is server-sent events: partial images, then image_generation.completed with usage and cost, or error. A comment line comes after each 15 s of silence. A plain call that takes over 200 s is answered 424: its images are still drawn, charged and kept.")
        {
            Bodies = [typeof(GenerationBody)],
            Answer = typeof(ImagesAnswer),
            Events = [typeof(PartialImageEvent), typeof(CompletedEvent), typeof(ErrorEvent)],
            Parameters = [.. Idempotency, Prefer],
            OtherStatus = StatusCodes.Status202Accepted,
            OtherAnswer = typeof(JobAnswerBody),
            OtherHeaders = AcceptedHeaders,
            Headers = ImageHeaders,
            Errors = ApiErrors.Images,
        },
        new("POST /v1/images/edits", "editImages", Images, "Draw images from images and words", "As a multipart form or as JSON. The answer is that of a generation, its events are image_edit.partial_image and image_edit.completed. Larger images go by address.")
        {
            Bodies = [typeof(EditBody)],
            Form = typeof(EditForm),
            Answer = typeof(ImagesAnswer),
            Events = [typeof(PartialImageEvent), typeof(CompletedEvent), typeof(ErrorEvent)],
            Parameters = [.. Idempotency, Prefer],
            OtherStatus = StatusCodes.Status202Accepted,
            OtherAnswer = typeof(JobAnswerBody),
            OtherHeaders = AcceptedHeaders,
            Headers = ImageHeaders,
            Errors = [.. ApiErrors.Images, .. ApiErrors.Uploads],
        },
        new("POST /v1/images/variations", "varyImages", Images, "Retired", "Went with the models that it was for: every call is refused.")
        {
            Errors = [.. ApiErrors.WithKey, ApiError.EndpointRetired],
        },
        new("GET /v1/models", "listModels", Models, "List the models that can be bought", "In one page, with prices at the account's plan.")
        {
            Answer = typeof(ModelListAnswer),
            Errors = ApiErrors.WithKey,
        },
        new("GET /v1/models/{id}", "getModel", Models, "Read one model", "By its id or an alias.")
        {
            Answer = typeof(ModelAnswerBody),
            Errors = [.. ApiErrors.WithKey, ApiError.ModelNotFound],
        },
        new("POST /v1/quotes", "createQuote", Models, "Ask what a request can cost", "The body is that of the request. The quote binds us for 15 minutes; it costs nothing and holds nothing.")
        {
            Bodies = [typeof(GenerationBody), typeof(EditBody)],
            Form = typeof(EditForm),
            Answer = typeof(QuoteAnswer),
            Parameters = Idempotency,
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Order, .. ApiErrors.Uploads, ApiError.InvalidIdempotencyKey, ApiError.IdempotencyKeyReused],
        },
        new("GET /v1/requests", "listRequests", Requests, "List requests, newest first", "Requests that were refused before money was held are not kept.")
        {
            Answer = typeof(RequestListAnswer),
            Parameters = [new("limit", IsHeader: false, "1 to 100, default 20."), new("after", IsHeader: false, "The next_cursor of the page before.")],
            Errors = [.. ApiErrors.WithKey, ApiError.InvalidValue("limit", "a whole number from 1 to 100"), ApiError.RequestNotFound],
        },
        new("GET /v1/requests/{id}", "getRequest", Requests, "Read what became of a request", "A key that may not read usage sees only the requests that it made.")
        {
            Answer = typeof(RequestAnswerBody),
            Errors = [.. ApiErrors.WithKey, ApiError.RequestNotFound],
        },
        new("GET /v1/requests/{id}/content", "getRequestContent", Requests, "Read the bytes of an image", "For 72 hours, or as store said.")
        {
            BinaryAnswers = ["image/png", "image/jpeg", "image/webp"],
            Parameters = [new("index", IsHeader: false, "Which image, from 0 on; default 0.")],
            Headers = [new("Content-Disposition", "inline, with a file name.")],
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Content, ApiError.ResultNotReady, ApiError.ResultNotFound],
        },
        new("DELETE /v1/requests/{id}", "deleteRequest", Requests, "Delete a request's images", "The charge and what is known of the request stay. Deleting again changes nothing.")
        {
            Answer = typeof(DeletedAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.RequestNotFound, ApiError.ResultNotReady],
        },
        new("GET /v1/jobs", "listJobs", Jobs, "List jobs, newest first", "Requests that were sent with Prefer: respond-async. A key that may not read usage sees only those that it made. A page may have fewer than limit, and be followed by others.")
        {
            Answer = typeof(JobListAnswer),
            Parameters =
            [
                new("limit", IsHeader: false, "1 to 100, default 20."), new("after", IsHeader: false, "The next_cursor of the page before."), new("status", IsHeader: false, "Only jobs in this state."),
                new("model", IsHeader: false, "Only this model, by its id."), new("from", IsHeader: false, "Unix seconds: only what was created then or later."), new("to", IsHeader: false, "Unix seconds: only what was created before."),
            ],
            Errors = [.. ApiErrors.WithKey, ApiError.UnknownParameter("day"), ApiError.InvalidValue("limit", "a whole number from 1 to 100"), ApiError.RequestNotFound],
        },
        new("GET /v1/jobs/{id}", "getJob", Jobs, "Read what became of a job", "As GET /v1/requests/{id}; its images are at their content_url.")
        {
            Answer = typeof(JobAnswerBody),
            Errors = [.. ApiErrors.WithKey, ApiError.RequestNotFound],
        },
        new("GET /v1/jobs/{id}/events", "followJob", Jobs, "Follow a job", "Server-sent events, such as job.queued, job.running and job.succeeded, each with the job. The stream ends with the job; a comment line comes after each 15 s of silence.")
        {
            Events = [typeof(JobAnswerBody)],
            Errors = [.. ApiErrors.WithKey, ApiError.RequestNotFound],
        },
        new("DELETE /v1/jobs/{id}", "cancelJob", Jobs, "Cancel a job", "While it is queued it ends as cancelled, and nothing is charged. One that runs is finished, charged and kept: the answer says running. One that has ended stays as it is.")
        {
            Answer = typeof(JobAnswerBody),
            Errors = [.. ApiErrors.WithKey, ApiError.RequestNotFound],
        },
        new("GET /v1/receipts/{id}", "getReceipt", Money, "Read the signed receipt of a request", "For as long as the ledger is kept, whether or not the images are. With Accept: application/jose the answer is the compact JWS alone.")
        {
            Answer = typeof(ReceiptAnswer),
            BinaryAnswers = [ReceiptsApi.JwsType],
            Headers = [new("Vary", "Accept.")],
            Errors = ApiErrors.Receipt,
        },
        new("GET /.well-known/jwks.json", "getReceiptKeys", Money, "Read the keys that receipts are signed with", "A JSON Web Key Set: the current key and those before it. May be kept for 5 minutes.")
        {
            Answer = typeof(KeySetAnswer),
        },
        new("GET /v1/balance", "getBalance", Money, "Read what is left to spend", "Available, and held for requests that run.")
        {
            Answer = typeof(BalanceAnswer),
            Errors = ApiErrors.WithKey,
        },
        new("GET /v1/books/{day}", "getBooks", Money, "Read the books of a day", "Every night each account's rows are added up anew and compared: entries, chain, balance, usage, images. What does not fit is named.")
        {
            Answer = typeof(BooksAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.InvalidValue("day", "a day such as '2026-11-23'"), ApiError.BooksNotClosed],
        },
        new("GET /v1/usage", "getUsage", Money, "Read what was used", "Charges, added up to the last one by time and by the groups that are asked for. A parameter tag.NAME keeps only what has that value of the tag NAME. As CSV with format=csv or Accept: text/csv.")
        {
            Answer = typeof(UsageReportAnswer),
            BinaryAnswers = [UsageCsv.ContentType],
            Parameters = Usage,
            Headers = [new("Vary", "Accept."), new("Content-Disposition", "Of CSV: attachment, with a file name.")],
            Errors = [.. ApiErrors.WithKey, ApiError.UnknownParameter("day"), ApiError.InvalidValue("from", "a time before 'to'"), ApiError.UsageTooLarge("31 days by the hour"), ApiError.UsageNotReady],
        },
        new("GET /v1/usage/events", "listUsageEvents", Money, "List the ledger's entries, oldest first", "Each page is checked against the ledger's chain before it is answered, and has a checksum. The order never changes: whoever goes on from next_cursor misses none and sees none twice.")
        {
            Answer = typeof(UsageEventListAnswer),
            Parameters = [new("limit", IsHeader: false, "1 to 100, default 20."), new("after", IsHeader: false, "The sequence of the last entry that was seen, default 0: the next_cursor of the page before.")],
            Errors = [.. ApiErrors.WithKey, ApiError.UnknownParameter("before"), ApiError.InvalidValue("after", "the sequence of an entry, or 0"), ApiError.LedgerChainBroken(42)],
        },
        new("GET /v1/events", "listEvents", Money, "List events, newest first", "Shares of budgets, of the balance and of the credit limit that charges have crossed; what the content filter's refusals lead to; and jobs that have ended.")
        {
            Answer = typeof(EventListAnswer),
            Parameters = [new("limit", IsHeader: false, "1 to 100, default 20."), new("after", IsHeader: false, "The next_cursor of the page before."), new("type", IsHeader: false, "Only this type, such as job.succeeded.")],
            Errors = [.. ApiErrors.WithKey, ApiError.UnknownParameter("day"), ApiError.InvalidValue("type", "one of 'budget.threshold', 'balance.low', 'account.warned', 'account.cooling_down', 'account.under_review', 'account.cleared'"), ApiError.EventNotFound],
        },
        new("GET /v1/events/{id}", "getEvent", Money, "Read an event", "As in the list.")
        {
            Answer = typeof(EventAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.EventNotFound],
        },
        .. KeyOperations.Of(Keys),
        new("GET /v1/keys/{id}/limits", "getKeyLimits", Money, "Read what a key may spend", "With what is spent, held and left of each limit.")
        {
            Answer = typeof(LimitsAnswerBody),
            Errors = [.. ApiErrors.WithKey, ApiError.KeyNotFound],
        },
        new("PUT /v1/keys/{id}/limits", "setKeyLimits", Money, "Set what a key may spend", "All limits at once: what is absent is unlimited. Spending counts from when limits were first set; no number of callers gets past them.")
        {
            Bodies = [typeof(LimitsBody)],
            Answer = typeof(LimitsAnswerBody),
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.KeyNotFound],
        },
        new("GET /v1/end-users/{id}/limits", "getEndUserLimits", Money, "Read what an end user may spend", "An end user is whoever end_user, safety_identifier or user names in requests.")
        {
            Answer = typeof(LimitsAnswerBody),
            Errors = [.. ApiErrors.WithKey, ApiError.InvalidValue("id", "an end user of at most 256 characters")],
        },
        new("PUT /v1/end-users/{id}/limits", "setEndUserLimits", Money, "Set what an end user may spend", "As of a key. It bounds every request that names this end user, with any key.")
        {
            Bodies = [typeof(LimitsBody)],
            Answer = typeof(LimitsAnswerBody),
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body],
        },
        new("POST /v1/billing/checkout", "createCheckout", Billing, "Buy credit on a page, or subscribe", "No money moves before it is paid there. The card is saved, for automatic top-ups. With the same Idempotency-Key the same page is answered for a day.")
        {
            Bodies = [typeof(CheckoutBody)],
            Answer = typeof(CheckoutAnswer),
            Status = StatusCodes.Status201Created,
            Parameters = [new("Idempotency-Key", IsHeader: true, "1 to 255 visible ASCII characters. The same key and amount bring the same page, for a day; another amount is refused.")],
            Errors = [.. ApiErrors.Billing, .. ApiErrors.Body, ApiError.MissingParameter("amount_usd"), ApiError.InvalidIdempotencyKey, ApiError.IdempotencyKeyReused, ApiError.CreditNotApproved, ApiError.SubscriptionExists, ApiError.BillingNotSetUp],
        },
        new("GET /v1/billing/checkout/{id}", "getCheckout", Billing, "Read whether a page was paid", "If it was, its credit is in the balance when this is answered.")
        {
            Answer = typeof(CheckoutAnswer),
            Errors = [.. ApiErrors.Billing, ApiError.CheckoutNotFound],
        },
        new("GET /v1/billing/subscription", "getSubscription", Billing, "Read how much may be paid later", "As it was heard of last.")
        {
            Answer = typeof(SubscriptionAnswer),
            Errors = ApiErrors.WithKey,
        },
        new("DELETE /v1/billing/subscription", "endSubscription", Billing, "End the subscription", "At once, with a last invoice. From the moment that it is asked for, nothing more can be owed; prepaid credit stays. Ending again goes on with what was begun.")
        {
            Answer = typeof(SubscriptionAnswer),
            Errors = [.. ApiErrors.Billing, ApiError.SubscriptionNotFound],
        },
        new("GET /v1/billing/invoices", "listInvoices", Billing, "List the account's invoices", "Of credit that was bought and of usage, newest first, as the payment provider has them now.")
        {
            Answer = typeof(InvoiceListAnswer),
            Parameters = [new("limit", IsHeader: false, "1 to 100, default 20."), new("after", IsHeader: false, "The next_cursor of the page before.")],
            Errors = [.. ApiErrors.Billing, ApiError.InvalidValue("limit", "a number")],
        },
        new("GET /v1/billing/invoices/{id}/usage", "getInvoiceUsage", Billing, "Read what is on an invoice of usage", "Added up from the ledger over the invoice's hours, by model, quality, key, end user and tags, as GET /v1/usage does.")
        {
            Answer = typeof(UsageReportAnswer),
            BinaryAnswers = [UsageCsv.ContentType],
            Headers = [new("Vary", "Accept."), new("Content-Disposition", "Of CSV: attachment, with a file name.")],
            Parameters = [.. Usage.Where(each => each.Name is not ("from" or "to" or "rail"))],
            Errors = [.. ApiErrors.Billing, ApiError.InvalidValue("bucket", "a word"), ApiError.InvoiceNotFound, ApiError.UsageTooLarge("hours"), ApiError.UsageNotReady],
        },
        new("POST /v1/billing/portal", "createPortal", Billing, "Open the payment provider's customer portal", "Invoices, receipts and saved cards.")
        {
            Bodies = [typeof(PortalBody)],
            Answer = typeof(PortalAnswer),
            Status = StatusCodes.Status201Created,
            Errors = [.. ApiErrors.Billing, .. ApiErrors.Body],
        },
        new("GET /v1/billing/auto-top-up", "getAutoTopUp", Billing, "Read what is bought automatically", "And what became of the last time.")
        {
            Answer = typeof(AutoTopUpAnswer),
            Errors = ApiErrors.WithKey,
        },
        new("PUT /v1/billing/auto-top-up", "setAutoTopUp", Billing, "Set what is bought automatically", "All at once. A card that was declined is tried again after this.")
        {
            Bodies = [typeof(AutoTopUpRequest)],
            Answer = typeof(AutoTopUpAnswer),
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.MissingParameter("consent")],
        },
        new("GET /f/{token}", "getFile", Other, "Read an image by its signed address", "As answered with response_format: url. The address is the permission, for an hour.")
        {
            BinaryAnswers = ["image/png", "image/jpeg", "image/webp"],
            Headers = [new("Content-Disposition", "inline, with a file name.")],
            Errors = [ApiError.UrlNotValid, .. ApiErrors.Content],
        },
        new("GET /health", "getHealth", Other, "Whether the API answers", "Says nothing about storage or upstream.")
        {
            Answer = typeof(HealthAnswer),
        },
        new("GET /health/ready", "getReadiness", Other, "Whether the API can do its work", "Reads from the stores at most once in 5 seconds. 503 names what is wrong.")
        {
            Answer = typeof(ReadinessAnswer),
            OtherStatus = StatusCodes.Status503ServiceUnavailable,
        },
    ];

    public static ApiOperation? Find(string method, string path) => All.FirstOrDefault(each => each.Endpoint == $"{method} {path}");
}

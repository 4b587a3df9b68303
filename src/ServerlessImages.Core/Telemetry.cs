using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ServerlessImages;

/// <summary>
/// All that the product measures of itself, under one meter and one activity source; <c>docs/operating.md</c> has a row for each. Static, as the base library's
/// own are: whoever wants to listen does, and nothing costs anything until then. No attribute ever holds a key, a prompt, an image or a caller's words.
/// </summary>
/// <remarks>Units are UCUM's; what is counted stands in braces. Money is in millionths of a dollar; play money, and what it buys, is not counted.</remarks>
public static class Telemetry
{
    /// <summary>Of the meter and of the activity source.</summary>
    public const string Name = "ServerlessImages";

    /// <summary>From a thousandth of the fastest answer to the longest deadline. The first 14 are those of the generative AI conventions, which end at 82 s.</summary>
    private static readonly InstrumentAdvice<double> UpstreamSeconds = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36] };

    private static readonly InstrumentAdvice<double> OwnSeconds = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    /// <summary>Source: OpenTelemetry, "Semantic conventions for generative AI metrics".</summary>
    private static readonly InstrumentAdvice<long> Tokens = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] };

    private static readonly Meter Meter = new(Name);

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Attributes: <c>http.route</c>, <c>http.response.status_code</c>, <c>model</c>, <c>error.type</c>.</summary>
    public static Counter<long> Requests { get; } = Meter.CreateCounter<long>("serverlessimages.requests", "{request}", "Answered requests.");

    /// <summary>Attributes: <c>http.route</c>, <c>model</c>.</summary>
    public static Histogram<double> Overhead { get; } = Meter.CreateHistogram("serverlessimages.overhead", "s", "Our own share of the time of a request that drew, upstream excluded.", advice: OwnSeconds);

    /// <summary>Attributes: <c>model</c>.</summary>
    public static Counter<long> Images { get; } = Meter.CreateCounter<long>("serverlessimages.images", "{image}", "Images that were delivered and charged.");

    /// <summary>Attributes: <c>model</c>, <c>reason</c>.</summary>
    public static Counter<long> ImagesWasted { get; } = Meter.CreateCounter<long>("serverlessimages.images.wasted", "{image}", "Images that were drawn upstream and not charged.");

    public static Counter<long> MoneyHeld { get; } = Meter.CreateCounter<long>("serverlessimages.money.held", "{micro_usd}", "Quotes that were set aside.");

    public static Counter<long> MoneySettled { get; } = Meter.CreateCounter<long>("serverlessimages.money.settled", "{micro_usd}", "Charges that were taken.");

    public static Counter<long> MoneyVoided { get; } = Meter.CreateCounter<long>("serverlessimages.money.voided", "{micro_usd}", "Quotes that were given back whole, because nothing was charged.");

    public static Counter<long> HoldsExpired { get; } = Meter.CreateCounter<long>("serverlessimages.holds.expired", "{hold}", "Holds that nobody closed in time.");

    public static Histogram<double> LedgerQueueWait { get; } = Meter.CreateHistogram("serverlessimages.ledger.queue.wait", "s", "How long a change of the ledger waited to be looked at.", advice: OwnSeconds);

    public static UpDownCounter<long> LedgerQueueDepth { get; } = Meter.CreateUpDownCounter<long>("serverlessimages.ledger.queue.depth", "{operation}", "Changes of the ledger that wait.");

    /// <summary>Attributes: <c>table</c>, <c>operation</c>, <c>outcome</c>.</summary>
    public static Counter<long> StorageTransactions { get; } = Meter.CreateCounter<long>("serverlessimages.storage.transactions", "{transaction}", "Calls to the stores of rows and of images.");

    /// <summary>Attributes: those of <see cref="UpstreamDuration"/> but its error, and <c>gen_ai.token.type</c>.</summary>
    public static Histogram<long> UpstreamTokens { get; } = Meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens that the upstream counted.", advice: Tokens);

    /// <summary>Attributes: <c>gen_ai.operation.name</c>, <c>gen_ai.provider.name</c>, <c>gen_ai.request.model</c>, <c>server.address</c>, <c>deployment</c>, <c>error.type</c>.</summary>
    public static Histogram<double> UpstreamDuration { get; } = Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "How long a call to a deployment took.", advice: UpstreamSeconds);

    /// <summary>Attributes: <c>deployment</c>, <c>server.address</c>.</summary>
    public static Counter<long> UpstreamBlocked { get; } = Meter.CreateCounter<long>("serverlessimages.upstream.blocked", "{call}", "Calls that a whole Azure OpenAI resource refused with 403.");

    /// <summary>Attributes: <c>deployment</c>, <c>reason</c>.</summary>
    public static Counter<long> DeploymentClosed { get; } = Meter.CreateCounter<long>("serverlessimages.deployments.closed", "{closing}", "Deployments that were given no calls for a while: throttled, blocked, or failing.");

    /// <summary>Attributes: <c>model</c>.</summary>
    public static Histogram<double> DeploymentWait { get; } = Meter.CreateHistogram("serverlessimages.deployments.wait", "s", "How long a request waited for a free deployment.", advice: OwnSeconds);

    public static Gauge<double> JobsWaiting { get; } = Meter.CreateGauge<double>("serverlessimages.jobs.waiting", "s", "For how long the oldest job that could be begun has been waiting.");

    /// <summary>Attributes: <c>stage</c>.</summary>
    public static Counter<long> Strikes { get; } = Meter.CreateCounter<long>("serverlessimages.strikes", "{call}", "Calls that the upstream's content filter refused.");

    /// <summary>Attributes: <c>category</c>.</summary>
    public static Counter<long> PromptsBlocked { get; } = Meter.CreateCounter<long>("serverlessimages.prompts.blocked", "{request}", "Requests that the operator's own block list refused.");

    /// <summary>Attributes: <c>rung</c>.</summary>
    public static Counter<long> LadderSteps { get; } = Meter.CreateCounter<long>("serverlessimages.ladder.steps", "{step}", "Accounts that were warned, cool down or are stopped for what they ask to be drawn.");

    public static Gauge<double> MeterEventsWaiting { get; } = Meter.CreateGauge<double>("serverlessimages.meter_events.waiting", "s", "For how long the oldest hour that the collector does not have has been waiting.");

    public static Counter<long> PaymentsQuarantined { get; } = Meter.CreateCounter<long>("serverlessimages.payments.quarantined", "{payment}", "Payments that came in and are no credit, because they are not what was ordered.");

    public static Gauge<double> BillingEventsWaiting { get; } = Meter.CreateGauge<double>("serverlessimages.billing_events.waiting", "s", "For how long the oldest event of the collector's that could not be handled has been waiting.");

    public static Counter<long> BooksClosed { get; } = Meter.CreateCounter<long>("serverlessimages.books.closed", "{day}", "Days of an account whose books were closed.");

    /// <summary>Attributes: <c>code</c>.</summary>
    public static Counter<long> BooksDifferences { get; } = Meter.CreateCounter<long>("serverlessimages.books.differences", "{difference}", "What did not fit in books that were closed.");

    public static Gauge<double> BooksUncompared { get; } = Meter.CreateGauge<double>("serverlessimages.books.uncompared", "s", "For how long a closed day has been waiting to be held against the collector.");

    /// <summary>Attributes: <c>check</c>.</summary>
    public static Counter<long> ReadinessFailures { get; } = Meter.CreateCounter<long>("serverlessimages.readiness.failures", "{check}", "Checks that found the app not ready.");
}

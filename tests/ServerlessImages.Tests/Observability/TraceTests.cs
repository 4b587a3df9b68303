using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Adapters.AzureOpenAI;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Observability;

/// <summary>One request is one trace, from its headers to the image.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class TraceTests
{
    [Fact]
    public async Task One_trace_leads_from_the_call_to_the_ledger_the_stores_and_the_deployment()
    {
        var (spans, customer, id) = await TraceAsync(customer => customer.GenerateAsync("a red fox"));
        var request = Assert.Single(spans, span => span.Kind == ActivityKind.Server);
        var upstream = Assert.Single(spans, span => span.DisplayName == "generate_image gpt-image-2");
        var transactions = spans.Where(span => span.DisplayName == "ledger transaction").ToArray();

        Assert.Equal("POST /v1/images/generations", request.DisplayName);
        Assert.Equal((id, customer.Partition.Account, "gpt-image-2"), (request.GetTagItem("request.id"), request.GetTagItem("account.id"), request.GetTagItem("model")));
        Assert.Equal(request.SpanId, upstream.ParentSpanId);
        Assert.Equal(
            ("generate_image", "azure.ai.openai", "gpt-image-2", "local-gpt-image-2", id, 196L),
            (upstream.GetTagItem("gen_ai.operation.name"), upstream.GetTagItem("gen_ai.provider.name"), upstream.GetTagItem("gen_ai.request.model"), upstream.GetTagItem("deployment"), upstream.GetTagItem("request.id"), upstream.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.Equal(2, transactions.Length);
        Assert.All(transactions, span => Assert.Contains(spans, each => each.ParentSpanId == span.SpanId && each.DisplayName == "commit ledger"));
        Assert.Single(spans, span => span.DisplayName == "put images" && span.ParentSpanId == request.SpanId);
    }

    [Fact]
    public async Task A_failed_call_says_so_in_the_spans_of_the_request_and_of_the_deployment()
    {
        var (spans, _, _) = await TraceAsync(customer => customer.GenerateAsync("a red fox [500]"));

        Assert.Equal("upstream_failed", Assert.Single(spans, span => span.Kind == ActivityKind.Server).GetTagItem("error.type"));
        var upstream = Assert.Single(spans, span => span.DisplayName == "generate_image gpt-image-2");
        Assert.Equal((ActivityStatusCode.Error, "upstream_failed"), (upstream.Status, upstream.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Health_is_not_traced()
    {
        var (spans, _, _) = await TraceAsync(customer => customer.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken));

        Assert.Empty(spans);
    }

    [Fact]
    public async Task A_transaction_is_in_the_trace_of_its_first_request_and_linked_to_each()
    {
        var fixture = new LedgerFixture();
        await fixture.GrantAsync(1_000);
        using var spans = new Spans();
        var blocked = new TaskCompletionSource();
        var store = new HookedTableStore(fixture.Store) { OnCommit = async (_, commit) => { await blocked.Task; return await commit(); } };
        var ledger = new AccountLedger(store, new OpenPartitions(store, fixture.Clock), fixture.Clock, new SystemEntropy());

        // The first goes alone; those that come while it is under way go together.
        var callers = new List<ActivityContext>();
        var holds = new List<Task>();
        for (var index = 0; index < 3; index++)
        {
            using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
            caller.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            callers.Add(caller.Context);
            holds.Add(ledger.HoldAsync(Sample.Partition, Sample.Hold($"req_{index}", 1)));
        }

        blocked.SetResult();
        await Task.WhenAll(holds);
        var transactions = spans.Ended.Where(span => span.DisplayName == "ledger transaction" && callers.Exists(caller => caller.TraceId == span.TraceId)).ToArray();

        Assert.Equal([(callers[0].SpanId, 1), (callers[1].SpanId, 2)], transactions.Select(span => (span.ParentSpanId, span.Links.Count())));
        Assert.Equal([callers[1], callers[2]], transactions[1].Links.Select(link => link.Context));
    }

    [Fact]
    public async Task Nothing_of_a_callers_trace_goes_on_to_the_upstream()
    {
        await using var upstream = await UpstreamStub.StartAsync(http => { http.Response.StatusCode = 500; return Task.CompletedTask; }, TestContext.Current.CancellationToken);
        await using var product = await Product.StartAsync(null, [.. Exporting(upstream), ("AzureOpenAI:Deployments:0:Endpoint", upstream.Address.AbsoluteUri)]);
        var customer = await product.CustomerAsync();
        customer.Http.DefaultRequestHeaders.Add("baggage", "who=somebody");

        using var response = await customer.GenerateAsync("fox");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        var sent = Assert.Single(upstream.Requests, request => request.Target.Contains("/images/", StringComparison.Ordinal));
        Assert.Empty(sent.Headers.Keys.Intersect(["traceparent", "tracestate", "baggage", "Correlation-Context", "Request-Id"], StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Calls as part of a trace of its own.</summary>
    /// <returns>The spans of that trace, those of the product alone.</returns>
    private static async Task<(Activity[] Spans, Customer Customer, string RequestId)> TraceAsync(Func<Customer, Task<HttpResponseMessage>> call)
    {
        await using var collector = await UpstreamStub.StartAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken);
        var exported = new List<Activity>();
        var trace = ActivityTraceId.CreateRandom();
        Customer customer;
        string id;
        await using (var product = await Product.StartAsync(options => options.With(services => services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddInMemoryExporter(exported))), Exporting(collector)))
        {
            customer = await product.CustomerAsync();
            customer.Http.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-00000000000000ff-01");
            using var response = await call(customer);
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            id = response.Header("x-request-id");
        }

        return ([.. exported.Where(span => span.TraceId == trace)], customer, id);
    }

    private static (string, string)[] Exporting(UpstreamStub collector) =>
        [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.AbsoluteUri), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

    /// <summary>The product's own spans, as they end.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener listener;
        private readonly Lock gate = new();
        private readonly List<Activity> ended = [];

        public Spans()
        {
            listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Telemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    lock (gate) ended.Add(span);
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        public IReadOnlyList<Activity> Ended
        {
            get
            {
                lock (gate) return [.. ended];
            }
        }

        public void Dispose() => listener.Dispose();
    }
}

using System.Net;
using ServerlessImages.Billing;
using Stripe;
using Stripe.Billing;
using static ServerlessImages.Stripe.StripeCall;

namespace ServerlessImages.Stripe;

/// <summary>
/// What usage is invoiced with: one meter that adds up micro-dollars, and one price of a ten-thousandth of a cent for each. What an image costs is never Stripe's to
/// say. Each of the three has a name that Stripe keeps unique, and is found again by it: nothing about them is stored here.
/// </summary>
internal sealed class StripeCatalog(StripeClient stripe)
{
    public const string ProductId = "serverlessimages_usage";

    /// <summary>Of the meter's events, and the lookup key of the price.</summary>
    public const string EventName = "serverlessimages_usage_micro_usd";

    public const string CustomerField = "stripe_customer_id";
    public const string ValueField = "value";

    /// <summary>Stripe's amounts are cents, with up to 12 decimal places.</summary>
    public const decimal CentsPerMicro = 0.0001m;

    private string? meterId;
    private string? priceId;

    public async Task<Result<UsageCatalog>> SetUpAsync(CancellationToken cancel)
    {
        var (product, productIsNew) = await EnsureAsync(() => FindAsync(() => stripe.V1.Products.GetAsync(ProductId, cancellationToken: cancel), cancel), () => stripe.V1.Products.CreateAsync(new ProductCreateOptions { Id = ProductId, Name = "Images" }, cancellationToken: cancel), cancel);
        var (meter, meterIsNew) = await EnsureAsync(() => FindMeterAsync(cancel), () => stripe.V1.Billing.Meters.CreateAsync(NewMeter(), cancellationToken: cancel), cancel);
        var (price, priceIsNew) = await EnsureAsync(() => FindPriceAsync(cancel), () => stripe.V1.Prices.CreateAsync(NewPrice(meter.Id), cancellationToken: cancel), cancel);

        var differences = string.Join("; ", Differences(product, meter, price));
        if (differences.Length > 0) return ApiError.BillingSetupDiffers(differences);
        return new UsageCatalog(new(product.Id, productIsNew), new(meter.Id, meterIsNew), new(price.Id, priceIsNew));
    }

    /// <returns>Null before it is set up.</returns>
    public async Task<string?> MeterIdAsync(CancellationToken cancel) => meterId ??= (await FindMeterAsync(cancel))?.Id;

    /// <inheritdoc cref="MeterIdAsync"/>
    public async Task<string?> PriceIdAsync(CancellationToken cancel) => priceId ??= (await FindPriceAsync(cancel))?.Id;

    private async Task<Meter?> FindMeterAsync(CancellationToken cancel)
    {
        var meters = stripe.V1.Billing.Meters.ListAutoPagingAsync(new MeterListOptions { Limit = PageSize }, cancellationToken: cancel);
        await foreach (var meter in EachAsync(meters, each => each, cancel))
        {
            if (meter.EventName == EventName) return meter;
        }

        return null;
    }

    private async Task<Price?> FindPriceAsync(CancellationToken cancel) =>
        (await AskAsync(() => stripe.V1.Prices.ListAsync(new PriceListOptions { LookupKeys = [EventName], Limit = 1 }, cancellationToken: cancel), cancel)).Data.FirstOrDefault();

    /// <summary>Each has a unique name: should another call have made it meanwhile, ours is refused, and it is there.</summary>
    private static async Task<(T Item, bool IsNew)> EnsureAsync<T>(Func<Task<T?>> find, Func<Task<T>> create, CancellationToken cancel)
        where T : class
    {
        if (await find() is { } found) return (found, false);
        try
        {
            return (await AskAsync(create, cancel), true);
        }
        catch (StripeException cause) when (cause.HttpStatusCode == HttpStatusCode.BadRequest)
        {
            if (await find() is { } made) return (made, false);
            throw;
        }
    }

    private static MeterCreateOptions NewMeter() => new()
    {
        DisplayName = "Images, in micro-dollars",
        EventName = EventName,
        DefaultAggregation = new() { Formula = "sum" },
        CustomerMapping = new() { Type = "by_id", EventPayloadKey = CustomerField },
        ValueSettings = new() { EventPayloadKey = ValueField },
    };

    private static PriceCreateOptions NewPrice(string meter) => new()
    {
        Product = ProductId,
        LookupKey = EventName,
        Nickname = "One micro-dollar",
        Currency = Payment.Usd,
        BillingScheme = "per_unit",
        UnitAmountDecimal = CentsPerMicro,
        Recurring = new() { Interval = "month", UsageType = "metered", Meter = meter },
    };

    private static IEnumerable<string> Differences(Product product, Meter meter, Price price)
    {
        if (!product.Active) yield return $"the product {product.Id} is archived";
        if (meter.Status != "active") yield return $"the meter {meter.Id} is {meter.Status}";
        if (meter.DefaultAggregation?.Formula != "sum") yield return $"the meter {meter.Id} does not add up ({meter.DefaultAggregation?.Formula})";
        if (meter.EventTimeWindow is not null) yield return $"the meter {meter.Id} keeps only the last event of each {meter.EventTimeWindow}";
        if (meter.CustomerMapping?.EventPayloadKey != CustomerField || meter.ValueSettings?.EventPayloadKey != ValueField) yield return $"the meter {meter.Id} reads other fields than {CustomerField} and {ValueField}";
        if (!price.Active) yield return $"the price {price.Id} is archived";
        if (price.ProductId != product.Id) yield return $"the price {price.Id} is of the product {price.ProductId}";
        if (price.Currency != Payment.Usd) yield return $"the price {price.Id} is in {price.Currency}";
        if (price.BillingScheme != "per_unit" || price.TransformQuantity is not null || price.UnitAmountDecimal != CentsPerMicro) yield return $"the price {price.Id} is not {CentsPerMicro} cents for each unit";
        if (price.Recurring is not { Interval: "month", IntervalCount: 1, UsageType: "metered" }) yield return $"the price {price.Id} is not metered by the month";
        if (price.Recurring?.Meter != meter.Id) yield return $"the price {price.Id} is of the meter {price.Recurring?.Meter}";
    }
}

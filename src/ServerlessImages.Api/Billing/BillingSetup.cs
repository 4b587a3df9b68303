using Microsoft.Extensions.Options;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Operators;
using ServerlessImages.Stripe;

namespace ServerlessImages.Api.Billing;

/// <summary>Puts billing together where there is a collector. Where there is none, there are no endpoints either.</summary>
internal static class BillingSetup
{
    /// <summary>Call it when all settings are there.</summary>
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddStripe(builder.Configuration);
        services.AddOptions<BillingOptions>().BindConfiguration(BillingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (!services.Any(each => each.ServiceType == typeof(IPaymentCollector))) return;

        services.AddSingleton(provider => provider.GetRequiredService<IOptions<BillingOptions>>().Value);
        services.AddSingleton<Customers>();
        services.AddSingleton<BillingInbox>();
        services.AddSingleton<PostpaidAccounts>();
        services.AddSingleton<PostpaidLimits>();
        services.AddSingleton<InvoiceRecords>();
        services.AddSingleton<ClosePeriods>();
        services.AddSingleton<SyncPostpaid>();
        services.AddSingleton<StartSubscription>();
        services.AddSingleton<EndSubscription>();
        services.AddSingleton<DisputeStops>();
        services.AddSingleton<BillingDesk>();
        services.AddSingleton<StartCheckout>();
        services.AddSingleton<GrantPayment>();
        services.AddSingleton<TakeBackPayment>();
        services.AddSingleton<AutoTopUps>();
        services.AddSingleton<TopUpAutomatically>();
        services.AddSingleton<CreditCheckout>();
        services.AddSingleton<FindCheckout>();
        services.AddSingleton<ReadInvoices>();
        services.AddSingleton<OpenCollectorPages>();
        services.AddSingleton<HandleEvents>();
        services.AddSingleton<RefundUnused>();
        services.AddSingleton<EndPayments>();
        services.AddSingleton<SweepPayments>();
        services.AddSingleton<ComparePayments>();
        services.AddSingleton<CompareHours>();
        services.AddSingleton<CompareInvoices>();
        services.AddSingleton<CompareEntries>();
        services.AddSingleton<CompareCollector>();
        services.AddSingleton<AutoTopUpTrigger>();
        services.AddSingleton<ReturnPageLookups>();
    }

    public static bool HasBilling(this WebApplication app) => app.Services.GetService<IPaymentCollector>() is not null;
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Setup;

/// <summary>Puts the rules of Core together. Everything is a singleton: what a request needs of its own it gets as an argument.</summary>
internal static class Registration
{
    public static void AddCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IEntropy, SystemEntropy>();
        services.AddOptions<CatalogOptions>().BindConfiguration(CatalogOptions.Section).ValidateOnStart();
        services.AddSingleton(provider => ModelCatalog.Parse(Text(Catalog(provider).ModelsFile, ModelCatalog.ShippedJson)));
        services.AddSingleton(provider => PriceBook.Parse(Text(Catalog(provider).PricesFile, PriceBook.ShippedJson)));
        services.AddSingleton(provider => PlanCatalog.Parse(Text(Catalog(provider).PlansFile, PlanCatalog.ShippedJson)));
        services.AddSingleton<SoldModels>();
        services.AddHostedService<CatalogCheck>();
    }

    public static void AddKeys(this IServiceCollection services)
    {
        services.AddOptions<KeyOptions>().BindConfiguration(KeyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<KeyOptions>>().Value.ToPeppers());
        services.AddSingleton<AccountDirectory>();
        services.AddSingleton<ApiKeyDirectory>();
        services.AddSingleton<Authenticate>();
        services.AddSingleton<KeyEvents>();
        services.AddSingleton<MintApiKey>();
        services.AddSingleton<RevokeApiKey>();
    }

    public static void AddLedger(this IServiceCollection services)
    {
        services.AddSingleton<OpenPartitions>();
        services.AddSingleton<AccountLedger>();
        services.AddSingleton<ExpireHolds>();
    }

    public static void AddBooks(this IServiceCollection services)
    {
        services.AddSingleton<EntryReader>();
        services.AddSingleton<CheckImages>();
        services.AddSingleton<CheckHolds>();
        services.AddSingleton<SumUsage>();
        services.AddSingleton<CloseBooks>();
        services.AddSingleton<FindBooks>();
        services.AddSingleton<RestoreBalance>();
    }

    public static void AddMeterEvents(this IServiceCollection services) => services.AddSingleton<SendMeterEvents>();

    public static void AddImages(this IServiceCollection services)
    {
        services.AddOptions<GenerationOptions>().BindConfiguration(GenerationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<GenerationOptions>>().Value);
        services.AddOptions<HostOptions>().Configure<GenerationOptions>((host, generation) => host.ShutdownTimeout = generation.Deadline + generation.HoldMargin);
        services.AddSingleton<Quotes>();
        services.AddSingleton<GiveQuote>();
        services.AddSingleton<ImageResults>();
        services.AddSingleton<DeleteResult>();
        services.AddSingleton<CloseExpiredHold>();
        services.AddSingleton<FollowRequest>();
        services.AddSingleton<PendingAnswers>();
        services.AddSingleton<OpenRequest>();
        services.AddOptions<PoolOptions>().BindConfiguration(PoolOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<PoolOptions>>().Value);
        services.AddSingleton<DeploymentStates>();
        services.TryAddSingleton<IImageModel, DeploymentPool>();
        services.AddSingleton<FanOut>();
        services.AddSingleton<DrawImages>();
        services.AddSingleton<GenerateImages>();
        services.AddSingleton<FindRequest>();
        services.AddSingleton<ListRequests>();
        services.AddSingleton<RunningRequests>();
        services.AddHostedService(provider => provider.GetRequiredService<RunningRequests>());
    }

    private static CatalogOptions Catalog(IServiceProvider provider) => provider.GetRequiredService<IOptions<CatalogOptions>>().Value;

    private static string Text(string? file, string shipped) => file is null ? shipped : File.ReadAllText(file);
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Keys;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Revenue;
using ServerlessImages.Traffic;

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
        services.AddSingleton<PriceList>();
        services.AddSingleton(provider => Ladder.Parse(Text(Catalog(provider).LadderFile, Ladder.ShippedJson)));
        services.AddSingleton(provider => BlockList.Parse(Text(Catalog(provider).BlockListFile, BlockList.ShippedJson)));
        services.AddSingleton<SoldModels>();
        services.AddHostedService<CatalogCheck>();
    }

    public static void AddKeys(this IServiceCollection services)
    {
        services.AddOptions<KeyOptions>().BindConfiguration(KeyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<KeyOptions>>().Value.ToPeppers());
        services.AddSingleton<AccountDirectory>();
        services.AddSingleton<AccountIndex>();
        services.AddSingleton<ApiKeyDirectory>();
        services.AddSingleton<KeyUse>();
        services.AddSingleton<KeyList>();
        services.AddSingleton<Authenticate>();
        services.AddSingleton<CallAsKey>();
        services.AddSingleton<MintApiKey>();
        services.AddSingleton<CreateApiKey>();
        services.AddSingleton<RotateApiKey>();
        services.AddSingleton<SwitchApiKey>();
        services.AddSingleton<RevokeApiKey>();
        services.AddSingleton<RevokeFoundKey>();
        services.AddSingleton<KeyBodies>();
    }

    public static void AddLedger(this IServiceCollection services)
    {
        services.AddSingleton<OpenPartitions>();
        services.AddSingleton<TrafficLog>();
        services.AddSingleton<ITraffic>(provider => provider.GetRequiredService<TrafficLog>());
        services.AddSingleton<ReadTraffic>();
        services.AddHostedService<WriteTraffic>();
        services.AddSingleton<AccountLedger>();
        services.AddSingleton<ExpireHolds>();
        services.AddSingleton<StruckAccounts>();
    }

    public static void AddBooks(this IServiceCollection services)
    {
        services.AddSingleton<EntryReader>();
        services.AddSingleton<CheckImages>();
        services.AddSingleton<CheckHolds>();
        services.AddSingleton<SumUsage>();
        services.AddSingleton<CollectorDifferences>();
        services.AddSingleton<BooksIndex>();
        services.AddSingleton<AddUpRevenue>();
        services.AddSingleton<ReadRevenue>();
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
        services.AddSingleton<ReadStatus>();
        services.TryAddSingleton<IImageModel, DeploymentPool>();
        services.AddSingleton<ExpectedTimes>();
        services.AddSingleton<DrawImages>();
        services.AddSingleton<GenerateImages>();
        services.AddSingleton<FindRequest>();
        services.AddSingleton<ListRequests>();
        services.AddSingleton<SearchRequests>();
        services.AddSingleton<RunningRequests>();
        services.AddHostedService(provider => provider.GetRequiredService<RunningRequests>());
    }

    private static CatalogOptions Catalog(IServiceProvider provider) => provider.GetRequiredService<IOptions<CatalogOptions>>().Value;

    private static string Text(string? file, string shipped) => file is null ? shipped : File.ReadAllText(file);
}

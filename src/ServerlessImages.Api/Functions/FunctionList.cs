using ServerlessImages.Jobs;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Functions;

/// <summary>Everything that the Functions host is told of, in the order of the names, which is the order in which it matches routes.</summary>
internal static class FunctionList
{
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new HttpFunction("Api", "v1/{*path}", HttpFunction.AllMethods),
        new HttpFunction("AzureDeployments", "deployments/{*path}", HttpFunction.AllMethods),
        new HttpFunction("AzureOpenAI", "openai/{*path}", HttpFunction.AllMethods),
        new TimerFunction("CloseBooks", Minutes: 10, (services, cancel) => services.GetRequiredService<CloseBooksTimer>().RunAsync(cancel)),
        new TimerFunction("ExpireHolds", Minutes: 1, (services, cancel) => services.GetRequiredService<ExpireHoldsTimer>().RunAsync(cancel)),
        new HttpFunction("Operator", "operator/{*path}", HttpFunction.AllMethods),
        new HttpFunction("Portal", "portal/{*path}", HttpFunction.AllMethods),
        new QueueFunction("RunJob", QueueNames.Jobs, (services, message, cancel) => services.GetRequiredService<RunJobs>().RunAsync(JobMessage.Parse(message), cancel)),
        new TimerFunction("SendMeterEvents", Minutes: 10, (services, cancel) => services.GetRequiredService<SendMeterEventsTimer>().RunAsync(cancel)),
        new HttpFunction("StripeEvents", "stripe/{*path}", HttpFunction.AllMethods),
        new TimerFunction("SweepPayments", Minutes: 10, (services, cancel) => services.GetRequiredService<SweepPaymentsTimer>().RunAsync(cancel)),

        // What no other takes: so its name is the last.
        new HttpFunction("Website", "{*path}", HttpFunction.PageMethods),
    ];
}

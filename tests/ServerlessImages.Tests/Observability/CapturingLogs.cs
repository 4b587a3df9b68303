using Microsoft.Extensions.Logging;

namespace ServerlessImages.Tests.Observability;

/// <summary>Takes every line of every level and category as its text, its values, its exception and the scopes around it.</summary>
[ProviderAlias("Capturing")]
internal sealed class CapturingLogs(Canaries canaries) : ILoggerProvider, ISupportExternalScope
{
    public const string Where = "logs";
    private readonly Canaries canaries = canaries;
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
    }

    private void See(object? state)
    {
        canaries.Saw(Where, state?.ToString());
        if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
        foreach (var (name, value) in values) canaries.Saw(Where, $"{name}: {value}");
    }

    private sealed class Logger(CapturingLogs logs) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logs.scopes.Push(state);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            logs.canaries.Saw(Where, formatter(state, exception) + exception);
            logs.See(state);
            logs.scopes.ForEachScope((scope, all) => all.See(scope), logs);
        }
    }
}

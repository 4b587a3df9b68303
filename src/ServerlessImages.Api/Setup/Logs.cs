using System.Globalization;
using Microsoft.Extensions.Options;

namespace ServerlessImages.Api.Setup;

/// <summary>How logs are written, and what never gets into them whatever an operator turns on.</summary>
internal static class Logs
{
    /// <summary>Begins a scope with the path of the request, too, unless it is off altogether.</summary>
    private const string Hosting = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>
    /// Of the framework, those that write down what callers send: addresses with their queries, names of headers, bytes of broken requests. They have nothing to
    /// say that our own lines, which carry the request's id, do not.
    /// </summary>
    private static readonly string[] Silent =
    [
        Hosting,
        "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        // One line each: the Functions host makes a record of every line.
        builder.Logging.AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = CultureInfo.InvariantCulture.DateTimeFormat.UniversalSortableDateTimePattern;
        });
        builder.Services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, SilentCategories>();
    }

    /// <summary>Behind all rules of the configuration: a rule for a longer name, or for one provider, would otherwise win over ours.</summary>
    private sealed class SilentCategories : IPostConfigureOptions<LoggerFilterOptions>
    {
        public void PostConfigure(string? name, LoggerFilterOptions options)
        {
            var rules = options.Rules.Prepend(new LoggerFilterRule(null, null, options.MinLevel, null)).ToArray();
            options.Rules.Clear();
            foreach (var rule in rules) options.Rules.Add(new(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) => MayWrite(category, level) && rule.Filter?.Invoke(provider, category, level) != false));
            foreach (var provider in rules.Select(rule => rule.ProviderName).Distinct()) options.Rules.Add(new(provider, Hosting, LogLevel.None, null));
        }

        private static bool MayWrite(string? category, LogLevel level) => level >= LogLevel.Warning || !Silent.Any(each => category?.StartsWith(each, StringComparison.Ordinal) == true);
    }
}

using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using ServerlessImages.Api;
using ServerlessImages.Api.Http;
using ServerlessImages.OpenTelemetry;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/settings.md</c> and the options classes say the same.</summary>
public sealed class SettingsDocTests
{
    private const string None = "–";

    [Fact]
    public void Every_setting_is_documented_with_its_variable_default_and_range_and_no_other_is()
    {
        var inCode = OptionsClasses().SelectMany(each => Settings(each, Section(each))).Order(StringComparer.Ordinal);
        var inDocs = Rows().Select(cells => string.Join(" | ", DocFile.Bare(cells[0]), DocFile.Bare(cells[1]), DocFile.Bare(cells[3]), cells[4].Replace("`", "", StringComparison.Ordinal)));

        Assert.Equal(inCode, inDocs.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Keys:Peppers:{version}")]
    [InlineData("Receipts:SigningKeys:{version}")]
    [InlineData("Storage:ConnectionString")]
    [InlineData("AzureOpenAI:Deployments:{n}:ApiKey")]
    [InlineData("Stripe:ApiKey")]
    [InlineData("Stripe:WebhookSecrets:{n}")]
    [InlineData("Identity:ClientSecret")]
    [InlineData("Smtp:Password")]
    public void Secrets_are_marked(string name)
    {
        Assert.StartsWith("**Secret.**", Rows().Single(cells => DocFile.Bare(cells[0]) == name)[5], StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_to_be_set_is_said_to_be_required()
    {
        var required = OptionsClasses().SelectMany(each => Properties(each).Where(property => property.IsDefined(typeof(RequiredAttribute)) && Default(each, property) == None).Select(property => Section(each) + property.Name));

        foreach (var name in required)
        {
            var row = Rows().Single(cells => DocFile.Bare(cells[0]) == name || DocFile.Bare(cells[0]) == name + ":{version}");
            Assert.Contains("Required", row[5], StringComparison.Ordinal);
        }
    }

    private static IReadOnlyList<string[]> Rows() =>
    [
        .. File.ReadLines(Path.Combine(DocFile.Root, "docs/settings.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ")),
    ];

    private static IEnumerable<Type> OptionsClasses() =>
        new[] { typeof(ServerlessImagesApp), typeof(ApiError), typeof(StorageOptions) }
            .SelectMany(type => type.Assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsPublic: true } && type.Name.EndsWith("Options", StringComparison.Ordinal));

    /// <summary>Options that are an element of another class's list have that list's section.</summary>
    private static string Section(Type options)
    {
        if (options == typeof(SiteOptions) || options == typeof(TelemetryOptions)) return "";
        if (options.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { } section) return (string)section.GetRawConstantValue()! + ":";

        var (owner, list) = OptionsClasses().SelectMany(owner => Properties(owner).Select(property => (owner, property))).Single(each => ElementType(each.property) == options);
        return $"{Section(owner)}{list.Name}:{{n}}:";
    }

    private static IEnumerable<string> Settings(Type options, string section) => Properties(options)
        .Where(property => ElementType(property) is null)
        .Select(property =>
        {
            var name = section + (property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name) + Members(property.PropertyType);
            return string.Join(" | ", name, name.Replace(":", "__", StringComparison.Ordinal), Default(options, property), Range(property));
        });

    private static string Members(Type type)
    {
        if (typeof(IDictionary).IsAssignableFrom(type)) return ":{version}";
        return typeof(IList).IsAssignableFrom(type) ? ":{n}" : "";
    }

    private static PropertyInfo[] Properties(Type options) => options.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static Type? ElementType(PropertyInfo property) =>
        property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? property.PropertyType.GetGenericArguments()[0] : null;

    private static string Default(Type options, PropertyInfo property) => property.GetValue(Activator.CreateInstance(options)) switch
    {
        null or "" or ICollection { Count: 0 } => None,
        bool flag => flag ? "true" : "false",
        var value => Text(value),
    };

    private static string Range(PropertyInfo property)
    {
        if (property.PropertyType.IsEnum) return string.Join(", ", Enum.GetNames(property.PropertyType));
        return property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{Text(range.Minimum)} to {Text(range.Maximum)}" : None;
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
